namespace DataPlatform.Quality.Catalog;

/// <summary>Which rules, and which page of them. Rules come by urgency, then by number; a page begins after the key it is given.</summary>
public sealed record RuleQuery
{
    /// <summary>The most rules of a page.</summary>
    public const int LimitMax = 1_000;

    /// <summary>Only tables of this domain; empty for tables without one; null for all.</summary>
    public string? Domain { get; init; }

    /// <summary>Only this table.</summary>
    public string? Table { get; init; }

    /// <summary>Only rules of this severity.</summary>
    public Severity? Severity { get; init; }

    /// <summary>Only rules whose newest verdict is this.</summary>
    public Outcome? Outcome { get; init; }

    /// <summary>Only rules of these kinds; empty for all.</summary>
    public IReadOnlyList<string> Kinds { get; init; } = [];

    /// <summary>Only rules with this tag.</summary>
    public string? Tag { get; init; }

    /// <summary>Only rules of this owner.</summary>
    public string? Owner { get; init; }

    /// <summary>Only rules whose words or table hold this text, without regard to case of ASCII letters.</summary>
    public string? Search { get; init; }

    /// <summary>The place of the last rule of the page before; null for the first page.</summary>
    public RulePlace? After { get; init; }

    /// <summary>Rules of the page, 1 to <see cref="LimitMax"/>; 100 unless said otherwise.</summary>
    public int Limit { get; init => field = PageLimit.Check(value, LimitMax); } = 100;
}
