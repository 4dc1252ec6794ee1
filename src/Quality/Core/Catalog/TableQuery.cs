namespace DataPlatform.Quality.Catalog;

/// <summary>Which tables, and which page of them. Tables come by name; a page begins after the name it is given.</summary>
public sealed record TableQuery
{
    /// <summary>The most tables of a page.</summary>
    public const int LimitMax = 1_000;

    /// <summary>Only tables of this domain; empty for tables without one; null for all.</summary>
    public string? Domain { get; init; }

    /// <summary>Only tables whose name holds this text, without regard to case of ASCII letters.</summary>
    public string? Search { get; init; }

    /// <summary>Only tables with a broken rule or one that could not be measured.</summary>
    public bool OnlyBad { get; init; }

    /// <summary>Only tables last looked at before this instant.</summary>
    public DateTimeOffset? LastRunBefore { get; init; }

    /// <summary>The last name of the page before; null for the first page.</summary>
    public string? After { get; init; }

    /// <summary>Tables of the page, 1 to <see cref="LimitMax"/>; 100 unless said otherwise.</summary>
    public int Limit { get; init => field = PageLimit.Check(value, LimitMax); } = 100;
}
