using DuckDB.NET.Data;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Quality.DuckDb;

/// <summary>Runs suites over the relations of a DuckDB connection.</summary>
/// <remarks>One run at a time per connection. The connection stays the caller's: this neither opens nor closes it, and writes nothing to it.</remarks>
public sealed class DuckDbQualityRunner : IQualityRunner
{
    private readonly QualityRunner _runner;

    /// <summary>Makes a runner.</summary>
    /// <param name="connection">An open connection whose tables and views are the relations; see <see cref="QualityConnection"/>.</param>
    /// <param name="options">Settings; the defaults when null.</param>
    /// <param name="time">The clock of freshness and of results; the system's when null.</param>
    /// <param name="logger">Where a run is logged; nowhere when null.</param>
    public DuckDbQualityRunner(
        DuckDBConnection connection, QualityRunnerOptions? options = null, TimeProvider? time = null, ILogger<QualityRunner>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(connection);
        _runner = new QualityRunner(new DuckDbMetricEngine(connection), options, time, logger);
    }

    /// <inheritdoc/>
    public ValueTask<SuiteResult> RunAsync(QualitySuite suite, QualityTarget target, CancellationToken cancellationToken = default)
        => _runner.RunAsync(suite, target, cancellationToken);
}
