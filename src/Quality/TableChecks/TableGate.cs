using DataPlatform.Kernel;
using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Snapshots;
using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.DuckDb;
using DataPlatform.Quality.Profiles;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.TableChecks;

/// <summary>Decides whether one version of a lake table may be used downstream.</summary>
/// <remarks>
/// Every query of a check reads the same snapshot, so whoever reads that snapshot afterwards sees what the gate saw. A gate may be used from
/// one task at a time; what it was given as references stays pinned until it is given anew.
/// </remarks>
public sealed class TableGate
{
    private readonly QualitySuite _suite;
    private readonly TableGateOptions _options;
    private readonly Dictionary<string, Func<LakeQuery, string, CancellationToken, Task>> _references = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Makes a gate.</summary>
    /// <param name="suite">The rules.</param>
    /// <param name="options">Settings and services; the defaults when null.</param>
    public TableGate(QualitySuite suite, TableGateOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(suite);
        _suite = suite;
        _options = options ?? new TableGateOptions();
    }

    /// <summary>Gives a reference table as a version of a lake table.</summary>
    /// <param name="name">The name rules use.</param>
    /// <param name="snapshot">The version.</param>
    public TableGate Reference(string name, Snapshot snapshot)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(snapshot);
        _references[name] = (lake, relation, cancellationToken) => lake.RegisterAsync(relation, snapshot, cancellationToken);
        return this;
    }

    /// <summary>
    /// Gives the version before, which rules know as <see cref="MatchSource.PreviousVersion"/>; a schema change is told against it. It stays until
    /// another one is given.
    /// </summary>
    /// <param name="snapshot">The version.</param>
    public TableGate Previous(Snapshot snapshot) => Reference(MatchSource.PreviousVersion, snapshot);

    /// <summary>Gives a reference table as a CSV file with a header line; it is read once per check.</summary>
    /// <param name="name">The name rules use.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="QualityException">There is no such file.</exception>
    public TableGate ReferenceCsv(string name, string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (!File.Exists(path))
        {
            throw new QualityException(ErrorKind.Invalid, $"The reference table '{name}' should come from '{path}', but there is no such file.");
        }

        _references[name] = (lake, relation, _) =>
        {
            FileRelation.Register(lake.Connection, relation, path);
            return Task.CompletedTask;
        };
        return this;
    }

    /// <summary>Checks a version in a database of its own.</summary>
    /// <param name="snapshot">The version.</param>
    /// <param name="cancellationToken">Stops the running query.</param>
    /// <returns>The verdicts, already stored where there is a store.</returns>
    /// <exception cref="DeltaException">A data file of the version cannot be read.</exception>
    public async ValueTask<SuiteResult> CheckAsync(Snapshot snapshot, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var lake = LakeQuery.Open(_options.Query);
        await using (lake.ConfigureAwait(false))
        {
            // Where states may answer, the version begins as its columns alone: opening it would read the footer of each of its files.
            var isLazy = _options.States is not null;
            await lake.RegisterAsync(_suite.Table, snapshot, isLazy ? [] : snapshot.Files, cancellationToken).ConfigureAwait(false);
            return await CheckAsync(lake, snapshot, isLazy, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Checks a version in a database the caller goes on using; the table and the references stay registered there under their names.</summary>
    /// <param name="lake">The database.</param>
    /// <param name="snapshot">The version.</param>
    /// <param name="cancellationToken">Stops the running query.</param>
    /// <returns>The verdicts, already stored where there is a store.</returns>
    /// <exception cref="DeltaException">A data file of the version cannot be read.</exception>
    public async ValueTask<SuiteResult> CheckAsync(LakeQuery lake, Snapshot snapshot, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lake);
        ArgumentNullException.ThrowIfNull(snapshot);
        await lake.RegisterAsync(_suite.Table, snapshot, cancellationToken).ConfigureAwait(false);
        return await CheckAsync(lake, snapshot, isLazy: false, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<SuiteResult> CheckAsync(LakeQuery lake, Snapshot snapshot, bool isLazy, CancellationToken cancellationToken)
    {
        foreach (var (name, register) in _references)
        {
            await register(lake, name, cancellationToken).ConfigureAwait(false);
        }

        var version = snapshot.DatasetVersion ?? new DatasetVersion(new DatasetId(_suite.Table), snapshot.Version);
        var target = await TargetAsync(lake, snapshot, version, cancellationToken).ConfigureAwait(false);
        target = target with { OpenWhole = isLazy ? cancel => new ValueTask(lake.RegisterAsync(_suite.Table, snapshot, cancel)) : null };
        var runner = new DuckDbQualityRunner(lake.Connection, _options.Runner, _options.Time, _options.Logger);
        var result = await runner.RunAsync(_suite, target, cancellationToken).ConfigureAwait(false);
        if (_options.StopsOnNoData)
        {
            result = WithNoDataAsFailure(result);
        }

        if (_options.Store is { } store)
        {
            await store.AppendAsync(result, cancellationToken).ConfigureAwait(false);
        }

        Announce(result, version);
        return result;
    }

    /// <summary>Checks a version and refuses it when a critical rule failed or could not be measured.</summary>
    /// <param name="snapshot">The version.</param>
    /// <param name="cancellationToken">Stops the running query.</param>
    /// <returns>The verdicts of a version that may be used.</returns>
    /// <exception cref="GateFailedException">It may not; the exception has the verdicts, which are stored by then.</exception>
    /// <exception cref="DeltaException">A data file of the version cannot be read.</exception>
    public async ValueTask<SuiteResult> EnsurePassedAsync(Snapshot snapshot, CancellationToken cancellationToken = default)
        => (await CheckAsync(snapshot, cancellationToken).ConfigureAwait(false)).EnsurePassed();

    // Reading commits of the log is spared where no rule and no series is about their time.
    private bool AsksForCommits => _options.Runner.Series is not null || _suite.Rules.Any(r => r.Kind is "committed" or "anomaly");

    private async ValueTask<QualityTarget> TargetAsync(LakeQuery lake, Snapshot snapshot, DatasetVersion version, CancellationToken cancellationToken)
    {
        var engine = new DuckDbMetricEngine(lake.Connection);
        return new QualityTarget(_suite.Table, version)
        {
            CommittedAt = AsksForCommits ? await LakeFreshness.NewestDataAsync(snapshot, cancellationToken).ConfigureAwait(false) : null,
            PreviousShape = _references.ContainsKey(MatchSource.PreviousVersion)
                ? await engine.DescribeAsync(MatchSource.PreviousVersion, cancellationToken).ConfigureAwait(false)
                : null,
            Distributions = _options.Distributions is { } distributions
                ? await distributions.AllAsync(_suite.Table, cancellationToken).ConfigureAwait(false)
                : new Dictionary<string, DistributionReference>(),
            States = _options.States is { } states
                ? new FoldedStates(engine, new LakeParts(lake, snapshot, $"{_suite.Table}__part"), states, _suite.Table)
                : null,
        };
    }

    private static SuiteResult WithNoDataAsFailure(SuiteResult result) => result with
    {
        Verdicts = [.. result.Verdicts.Select(v => v is { Outcome: Outcome.NoData, Severity: Severity.Critical } ? v with { Outcome = Outcome.Fail } : v)],
    };

    private void Announce(SuiteResult result, DatasetVersion version)
        => _options.Feed?.Publish(new LineageEvent(
            $"quality/{_suite.Name}",
            result.RunId,
            result.StartedAt + result.Duration,
            result.Passed ? LineageEventKind.Complete : LineageEventKind.Fail,
            [new LineageDataset(version.Dataset, version.Version)],
            []));
}
