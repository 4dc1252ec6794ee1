namespace DataPlatform.Quality.Alerts;

/// <summary>Which alerts, and which page of them. Alerts come newest first, then by key; a page begins after the place it is given.</summary>
public sealed record AlertQuery
{
    /// <summary>The most alerts of a page.</summary>
    public const int LimitMax = 1_000;

    /// <summary>Whether alerts that are right again are among them.</summary>
    public bool IncludeResolved { get; init; }

    /// <summary>
    /// Only alerts that no incident of the same store speaks for: neither an incident's own nor a member of an open one; one that is right again
    /// neither a member of a closed one.
    /// </summary>
    public bool OutsideIncidents { get; init; }

    /// <summary>The place of the last alert of the page before; null for the first page.</summary>
    public AlertCursor? After { get; init; }

    /// <summary>Alerts of the page, 1 to <see cref="LimitMax"/>; 100 unless said otherwise.</summary>
    public int Limit { get; init => field = Catalog.PageLimit.Check(value, LimitMax); } = 100;
}
