namespace DataPlatform.Quality.Alerts.Incidents;

/// <summary>How alerts are folded into incidents.</summary>
public sealed record IncidentOptions
{
    /// <summary>
    /// How long a recovered member still explains those below it; 24 h unless said otherwise. A repaired source is checked again before the
    /// tables below it were computed anew, and they are not to become incidents of their own in between.
    /// </summary>
    public TimeSpan RecoveryGrace { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Columns in a stored cut at most, 1 to 10,000; 500 unless said otherwise.</summary>
    public int CutColumnsMax { get; init => field = value is >= 1 and <= 10_000 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "1 to 10,000."); } = 500;

    /// <summary>Recovered members kept in an incident at most, at least 0; 1,000 unless said otherwise. The oldest are let go first.</summary>
    public int RecoveredMax { get; init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "0 or more."); } = 1_000;

    /// <summary>
    /// After how long a desk folds everything that is open again, 0 or more; 1 h unless said otherwise, and 0 folds everything each time. In between it folds
    /// what signals have to do with. The time has effects of its own, as when a recovered member no longer explains others, and so has a lineage that changed.
    /// </summary>
    public TimeSpan FoldAllEvery
    {
        get;
        init => field = value >= TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "0 or more.");
    } = TimeSpan.FromHours(1);
}
