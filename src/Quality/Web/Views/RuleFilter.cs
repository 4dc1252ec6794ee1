using DataPlatform.Kernel;
using DataPlatform.Quality.Catalog;

namespace DataPlatform.Quality.Web.Views;

/// <summary>The filter of a list of rules as an address says it.</summary>
/// <param name="Domain">The domain; <c>-</c> for tables without one.</param>
/// <param name="Table">The table.</param>
/// <param name="Severity">The severity by name.</param>
/// <param name="Outcome">The newest outcome by name.</param>
/// <param name="Tag">A label.</param>
/// <param name="Owner">The owner.</param>
/// <param name="Q">Words of the rule or of its table's name.</param>
/// <param name="After">The place to go on after.</param>
public sealed record RuleFilter(
    string? Domain = null, string? Table = null, string? Severity = null, string? Outcome = null, string? Tag = null, string? Owner = null, string? Q = null,
    string? After = null)
{
    /// <summary>What stands for tables without a domain.</summary>
    public const string NoDomain = "-";

    /// <summary>Whether nothing is filtered.</summary>
    public bool IsEmpty => this with { After = null } == new RuleFilter();

    /// <summary>The query it stands for.</summary>
    /// <param name="limit">Rules of a page.</param>
    /// <exception cref="QualityException">A value is none that there is.</exception>
    public RuleQuery Query(int limit) => new()
    {
        Domain = DomainOf(Domain),
        Table = Given(Table),
        Severity = Named<Severity>("severity", Severity),
        Outcome = Named<Outcome>("outcome", Outcome),
        Tag = Given(Tag),
        Owner = Given(Owner),
        Search = Given(Q),
        After = Given(After) is { } after ? RulePlace.Parse(after) : null,
        Limit = limit,
    };

    /// <summary>The address of a list with this filter.</summary>
    /// <param name="path">The list's path.</param>
    /// <param name="after">The place to go on after.</param>
    public string Link(string path, string? after = null) => Links.With(
        path, ("domain", Domain), ("table", Table), ("severity", Severity), ("outcome", Outcome), ("tag", Tag), ("owner", Owner), ("q", Q), ("after", after));

    internal static string? DomainOf(string? domain) => domain == NoDomain ? string.Empty : Given(domain);

    internal static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static T? Named<T>(string name, string? text)
        where T : struct, Enum
        => Given(text) is not { } given ? null
            : Array.Find(Enum.GetValues<T>(), value => string.Equals(value.ToString(), given.Replace("-", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase)) is var found
                && (!found.Equals(default(T)) || string.Equals(default(T).ToString(), given, StringComparison.OrdinalIgnoreCase)) ? found
            : throw new QualityException(ErrorKind.Invalid, $"'{given}' is no {name}; there are {string.Join(", ", Enum.GetNames<T>())}.");
}
