using DataPlatform.Kernel;
using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Snapshots;
using DataPlatform.Quality.DuckDb;

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
    private readonly Dictionary<string, Action<LakeQuery, string>> _references = new(StringComparer.OrdinalIgnoreCase);

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
        _references[name] = (lake, relation) => lake.Register(relation, snapshot);
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

        _references[name] = (lake, relation) => FileRelation.Register(lake.Connection, relation, path);
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
            return await CheckAsync(lake, snapshot, cancellationToken).ConfigureAwait(false);
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
        lake.Register(_suite.Table, snapshot);
        foreach (var (name, register) in _references)
        {
            register(lake, name);
        }

        var version = snapshot.DatasetVersion ?? new DatasetVersion(new DatasetId(_suite.Table), snapshot.Version);
        var runner = new DuckDbQualityRunner(lake.Connection, _options.Runner, _options.Time, _options.Logger);
        var result = await runner.RunAsync(_suite, new QualityTarget(_suite.Table, version), cancellationToken).ConfigureAwait(false);
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
