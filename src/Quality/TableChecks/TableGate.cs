using DataPlatform.Kernel;
using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Snapshots;
using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.DuckDb;
using DataPlatform.Quality.Metrics;
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
    private readonly Dictionary<string, Snapshot> _versions = new(StringComparer.OrdinalIgnoreCase);

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
        _versions.Remove(name);
        _references[name] = (lake, relation, cancellationToken) => lake.RegisterAsync(relation, snapshot, cancellationToken);
        return this;
    }

    /// <summary>
    /// Gives the version before, which rules know as <see cref="MatchSource.PreviousVersion"/>; a schema change is told against it. It stays until
    /// another one is given. Where states of data files are kept, numbers of it are folded from them as those of the version itself are.
    /// </summary>
    /// <param name="snapshot">The version.</param>
    public TableGate Previous(Snapshot snapshot)
    {
        Reference(MatchSource.PreviousVersion, snapshot);
        _versions[MatchSource.PreviousVersion] = snapshot;
        return this;
    }

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

        _versions.Remove(name);
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
    /// <exception cref="DeltaException">A file of a reference table cannot be read. One of the version itself is an error of every rule that needs it.</exception>
    public async ValueTask<SuiteResult> CheckAsync(Snapshot snapshot, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var lake = LakeQuery.Open(_options.Query);
        await using (lake.ConfigureAwait(false))
        {
            // Where states may answer, the version begins as its columns alone: opening it would read the footer of each of its files.
            var isLazy = _options.States is not null;
            return await CheckAsync(lake, snapshot, isLazy ? [] : snapshot.Files, isLazy, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Checks a version in a database the caller goes on using; the table and the references stay registered there under their names.</summary>
    /// <param name="lake">The database.</param>
    /// <param name="snapshot">The version.</param>
    /// <param name="cancellationToken">Stops the running query.</param>
    /// <returns>The verdicts, already stored where there is a store.</returns>
    /// <exception cref="DeltaException">A file of a reference table cannot be read.</exception>
    public async ValueTask<SuiteResult> CheckAsync(LakeQuery lake, Snapshot snapshot, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lake);
        ArgumentNullException.ThrowIfNull(snapshot);
        return await CheckAsync(lake, snapshot, snapshot.Files, isLazy: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Checks data files that are written and not committed yet, as if they were the table.</summary>
    /// <param name="snapshot">The version they are to be added to; its columns are theirs.</param>
    /// <param name="files">The files.</param>
    /// <param name="cancellationToken">Stops the running query.</param>
    /// <returns>The verdicts, already stored where there is a store, under the version the files were written for.</returns>
    /// <exception cref="DeltaException">A file of a reference table cannot be read.</exception>
    public async ValueTask<SuiteResult> CheckAsync(Snapshot snapshot, IReadOnlyCollection<AddFile> files, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentNullException.ThrowIfNull(files);
        var lake = LakeQuery.Open(_options.Query);
        await using (lake.ConfigureAwait(false))
        {
            return await CheckAsync(lake, snapshot, files, isLazy: null, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <param name="lake">The database.</param>
    /// <param name="snapshot">The version.</param>
    /// <param name="files">The files the relation begins with.</param>
    /// <param name="isLazy">Whether the relation has columns only so far; null when it is not the version, which states then say nothing about.</param>
    /// <param name="cancellationToken">Stops the running query.</param>
    private async ValueTask<SuiteResult> CheckAsync(
        LakeQuery lake, Snapshot snapshot, IReadOnlyCollection<AddFile> files, bool? isLazy, CancellationToken cancellationToken)
    {
        var unavailable = await OpenAsync(lake, snapshot, files, isLazy is true, cancellationToken).ConfigureAwait(false);
        var version = snapshot.DatasetVersion ?? new DatasetVersion(new DatasetId(_suite.Table), snapshot.Version);
        var target = await TargetAsync(lake, snapshot, version, cancellationToken).ConfigureAwait(false);
        target = target with
        {
            Unavailable = unavailable,
            OpenReference = isLazy is true ? (name, cancel) => OpenWholeAsync(lake, name, _versions[name], cancel) : null,
            OpenWhole = isLazy is true ? cancel => OpenWholeAsync(lake, _suite.Table, snapshot, cancel) : null,
            States = isLazy is null ? null : target.States,
        };
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
    /// <exception cref="DeltaException">A file of a reference table cannot be read.</exception>
    public async ValueTask<SuiteResult> EnsurePassedAsync(Snapshot snapshot, CancellationToken cancellationToken = default)
        => (await CheckAsync(snapshot, cancellationToken).ConfigureAwait(false)).EnsurePassed();

    /// <summary>Registers the relation and what it is held against; a reference that cannot be opened is found missing by the rules that name it.</summary>
    /// <returns>Why the relation cannot be opened; null when it can.</returns>
    private async ValueTask<string?> OpenAsync(
        LakeQuery lake, Snapshot snapshot, IReadOnlyCollection<AddFile> files, bool isLazy, CancellationToken cancellationToken)
    {
        foreach (var (name, register) in _references)
        {
            await (isLazy && _versions.TryGetValue(name, out var version) ? lake.RegisterAsync(name, version, [], cancellationToken) : register(lake, name, cancellationToken))
                .ConfigureAwait(false);
        }

        try
        {
            await lake.RegisterAsync(_suite.Table, snapshot, files, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (DeltaException e)
        {
            return e.Message;
        }
    }

    private static async ValueTask OpenWholeAsync(LakeQuery lake, string relation, Snapshot snapshot, CancellationToken cancellationToken)
    {
        try
        {
            await lake.RegisterAsync(relation, snapshot, cancellationToken).ConfigureAwait(false);
        }
        catch (DeltaException e)
        {
            throw new MetricException(e.Message, e);
        }
    }

    // Reading commits of the log is spared where no rule and no series is about their time.
    private bool AsksForCommits => _options.Runner.Series is not null || _suite.Rules.Any(r => r.Kind is "committed" or "anomaly");

    private async ValueTask<QualityTarget> TargetAsync(LakeQuery lake, Snapshot snapshot, DatasetVersion version, CancellationToken cancellationToken)
    {
        var engine = new DuckDbMetricEngine(lake.Connection);
        return new QualityTarget(_suite.Table, version)
        {
            At = _options.At,
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
            ReferenceStates = ReferenceStates(lake, engine),
        };
    }

    /// <summary>States of the version before: those of the files that it shares with this one are this one's.</summary>
    private Dictionary<string, IPartStates> ReferenceStates(LakeQuery lake, DuckDbMetricEngine engine) => _options.States is not { } states
        ? []
        : _versions.ToDictionary(
            v => v.Key, v => (IPartStates)new FoldedStates(engine, new LakeParts(lake, v.Value, $"{_suite.Table}__{v.Key}"), states, _suite.Table));

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
