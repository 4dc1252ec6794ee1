namespace DataPlatform.Quality.Sqlite;

/// <summary>Forgetting.</summary>
public sealed partial class QualityDatabase
{
    /// <summary>Removes what is over age, in small transactions: writers beside it wait for one at most.</summary>
    /// <param name="options">How long what is kept; the defaults when null.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <param name="cancellationToken">Stops between two transactions; the next time goes on.</param>
    /// <returns>How many rows were removed.</returns>
    /// <exception cref="QualityException">The file could not be written.</exception>
    public ValueTask<long> ForgetAsync(RetentionOptions? options = null, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        options ??= new RetentionOptions();
        (TimeSpan, Retention.Remove)[] rules =
        [
            (options.Results, new SqliteQualityStore(this).RemoveBeforeAsync),
            (options.Results, (before, rows, _) => new(new SqliteQualityStore(this).RemoveChangesBefore(before, rows))),
            (options.Points, (before, rows, _) => new(new SqliteSeriesStore(this).RemoveBefore(before, rows))),
            (options.Profiles, new SqliteProfileStore(this).RemoveBeforeAsync),
            (options.Alerts, new SqliteAlertStore(this).RemoveBeforeAsync),
            (options.Incidents, (before, rows, _) => new(new SqliteIncidentStore(this).RemoveBefore(before, rows))),
            (options.RetiredEdges, new SqliteLineageStore(this).RemoveRetiredAsync),
        ];
        return Retention.RunAsync(rules, (time ?? TimeProvider.System).GetUtcNow(), options.BatchRows, cancellationToken);
    }
}
