namespace DataPlatform.Quality.Postgres;

/// <summary>Forgetting.</summary>
public sealed partial class PostgresQualityDatabase
{
    /// <summary>Removes what is over age, in small transactions that pass over rows others hold. Several processes may do it at once.</summary>
    /// <param name="options">How long what is kept; the defaults when null.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <param name="cancellationToken">Stops between two transactions; the next time goes on.</param>
    /// <returns>How many rows were removed.</returns>
    /// <exception cref="QualityException">The server does not answer.</exception>
    public ValueTask<long> ForgetAsync(RetentionOptions? options = null, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        options ??= new RetentionOptions();
        (TimeSpan, Retention.Remove)[] rules =
        [
            (options.Results, new PostgresQualityStore(this).RemoveBeforeAsync),
            (options.Points, new PostgresSeriesStore(this).RemoveBeforeAsync),
            (options.Profiles, new PostgresProfileStore(this).RemoveBeforeAsync),
            (options.Alerts, new PostgresAlertStore(this).RemoveBeforeAsync),
            (options.Incidents, new PostgresIncidentStore(this).RemoveBeforeAsync),
            (options.RetiredEdges, new PostgresLineageStore(this).RemoveRetiredAsync),
        ];
        return Retention.RunAsync(rules, (time ?? TimeProvider.System).GetUtcNow(), options.BatchRows, cancellationToken);
    }
}
