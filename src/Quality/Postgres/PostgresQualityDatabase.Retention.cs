namespace DataPlatform.Quality.Postgres;

/// <summary>Forgetting.</summary>
public sealed partial class PostgresQualityDatabase
{
    /// <summary>Makes the days to come ready and removes what is over age: days of verdicts whole, the rest in small transactions that pass over rows others hold. Several processes may do it at once.</summary>
    /// <param name="options">How long what is kept; the defaults when null.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <param name="cancellationToken">Stops between two transactions; the next time goes on.</param>
    /// <returns>How many rows were removed.</returns>
    /// <exception cref="QualityException">The server does not answer.</exception>
    public async ValueTask<long> ForgetAsync(RetentionOptions? options = null, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        options ??= new RetentionOptions();
        var now = (time ?? TimeProvider.System).GetUtcNow();
        await EnsureDaysAheadAsync(now, cancellationToken).ConfigureAwait(false);
        (TimeSpan, Retention.Remove)[] rules =
        [
            (options.Results, new PostgresQualityStore(this).RemoveBeforeAsync),
            (options.Results, new PostgresQualityStore(this).RemoveChangesBeforeAsync),
            (options.Points, new PostgresSeriesStore(this).RemoveBeforeAsync),
            (options.Profiles, new PostgresProfileStore(this).RemoveBeforeAsync),
            (options.Alerts, new PostgresAlertStore(this).RemoveBeforeAsync),
            (options.Incidents, new PostgresIncidentStore(this).RemoveBeforeAsync),
            (options.RetiredEdges, new PostgresLineageStore(this).RemoveRetiredAsync),
        ];
        return await Retention.RunAsync(rules, now, options.BatchRows, cancellationToken).ConfigureAwait(false);
    }
}
