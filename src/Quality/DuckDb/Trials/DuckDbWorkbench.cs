using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Quality.DuckDb.Profiles;
using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Profiles;
using DataPlatform.Quality.Trials;
using DuckDB.NET.Data;

namespace DataPlatform.Quality.DuckDb.Trials;

/// <summary>Tries suites in DuckDB, on a sample of rows drawn evenly from the whole table.</summary>
/// <remarks>Thread-safe. Two trials run at a time; others wait for them within their own time limit. Rule SQL is held to what a run allows it.</remarks>
public sealed class DuckDbWorkbench : ISuiteWorkbench, IDisposable
{
    private const string SampleRelation = "dp_trial_sample";
    private const int TrialsMax = 2;
    private readonly SemaphoreSlim _slots = new(TrialsMax, TrialsMax);
    private readonly ITrialTables _tables;
    private readonly TimeProvider _time;

    /// <summary>Makes a workbench.</summary>
    /// <param name="tables">The tables.</param>
    /// <param name="time">The clock of time limits and freshness; the system's when null.</param>
    public DuckDbWorkbench(ITrialTables tables, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(tables);
        _tables = tables;
        _time = time ?? TimeProvider.System;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> TablesAsync(CancellationToken cancellationToken = default) => _tables.ListAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask<SuiteTrial> TryAsync(QualitySuite suite, TrialOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(suite);
        var started = _time.GetTimestamp();
        return OnSampleAsync(
            suite.Table,
            options ?? new TrialOptions(),
            async (sample, token) =>
            {
                var runner = new DuckDbQualityRunner(sample.Table.Connection, time: _time);
                var result = await runner.RunAsync(suite, new QualityTarget(SampleRelation, sample.Table.Version), token).ConfigureAwait(false);
                return new SuiteTrial(
                    [.. suite.Rules.Zip(result.Verdicts).Select(p => TrialVerdict.Of(p.Second, p.First.Condition is not null, sample.IsWhole))],
                    sample.Rows, sample.IsWhole, sample.Table.Version, _time.GetElapsedTime(started));
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<PartitionState> ProfileAsync(string table, TrialOptions? options = null, CancellationToken cancellationToken = default) => OnSampleAsync(
        table,
        options ?? new TrialOptions(),
        (sample, token) => new DuckDbProfiler(sample.Table.Connection).ReadAsync(SampleRelation, cancellationToken: token),
        cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<RuleSuggestion>> SuggestAsync(string table, TrialOptions? options = null, CancellationToken cancellationToken = default)
        => OnSampleAsync(
            table,
            options ?? new TrialOptions(),
            async (sample, token) =>
            {
                var state = await new DuckDbProfiler(sample.Table.Connection).ReadAsync(SampleRelation, cancellationToken: token).ConfigureAwait(false);
                return await KeptSuggestions.OfAsync(sample.Table.Connection, SampleRelation, RuleSuggestions.For([state]), token).ConfigureAwait(false);
            },
            cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _slots.Dispose();

    private async ValueTask<T> OnSampleAsync<T>(
        string table, TrialOptions options, Func<Sample, CancellationToken, ValueTask<T>> use, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(table);
        using var limit = new CancellationTokenSource(options.TimeLimit, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await _slots.WaitAsync(both.Token).ConfigureAwait(false);
            try
            {
                var opened = await _tables.OpenAsync(table, both.Token).ConfigureAwait(false);
                await using (opened.ConfigureAwait(false))
                {
                    return await use(await DrawAsync(opened, options, both.Token).ConfigureAwait(false), both.Token).ConfigureAwait(false);
                }
            }
            finally
            {
                _slots.Release();
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new QualityException(
                ErrorKind.Unavailable, $"The trial on '{table}' was not over in {options.TimeLimit.TotalSeconds:0.#} s and was stopped. Take a smaller sample, or a longer limit.");
        }
        catch (MetricException e)
        {
            throw new QualityException(ErrorKind.Invalid, e.Message, e);
        }
    }

    private static async ValueTask<Sample> DrawAsync(TrialTable table, TrialOptions options, CancellationToken cancellationToken)
    {
        var relation = SqlText.Relation(table.Relation);
        try
        {
            var rows = await ScalarAsync(table.Connection, $"SELECT count(*) FROM {relation}", cancellationToken).ConfigureAwait(false);
            var isWhole = rows <= options.SampleRows;
            var sample = isWhole ? string.Empty : string.Create(CultureInfo.InvariantCulture, $" USING SAMPLE reservoir({options.SampleRows} ROWS) REPEATABLE ({options.Seed})");
            await ScalarAsync(table.Connection, $"CREATE TEMP TABLE {SampleRelation} AS SELECT * FROM {relation}{sample}", cancellationToken).ConfigureAwait(false);
            return new Sample(table, Math.Min(rows, options.SampleRows), isWhole);
        }
        catch (Exception e) when (DuckDbErrors.IsOfQuery(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new QualityException(ErrorKind.Invalid, $"'{table.Relation}' cannot be sampled: {DuckDbErrors.Reason(e)}", e);
        }
    }

    private static async ValueTask<long> ScalarAsync(DuckDBConnection connection, string sql, CancellationToken cancellationToken)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false), CultureInfo.InvariantCulture);
    }

    private sealed record Sample(TrialTable Table, long Rows, bool IsWhole);
}
