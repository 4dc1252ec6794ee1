using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Rules;

/// <summary>The value is one of a list, or none of it.</summary>
/// <param name="Column">The column.</param>
/// <param name="Values">The list; at least one.</param>
/// <param name="Forbidden">True when the value must not be in the list.</param>
public sealed record SetCondition(string Column, IReadOnlyList<RuleValue> Values, bool Forbidden = false) : RowCondition
{
    private const int ShownMax = 8;

    /// <inheritdoc/>
    public override string Kind => Forbidden ? "not-in-set" : "set";

    /// <inheritdoc/>
    public override string Description
        => $"{Column} is {(Forbidden ? "none" : "one")} of {string.Join(", ", Values.Take(ShownMax))}{(Values.Count > ShownMax ? ", ..." : "")}";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns => [Column];

    // The order of a set says nothing, so two authors who list it differently share one rule.
    internal override string Key
        => Canonical.Join([Kind, Column.ToUpperInvariant(), .. Values.Select(Canonical.Of).Distinct().Order(StringComparer.Ordinal)]);

    internal override string? Incompatibility(TableShape shape)
        => Values.Select(v => ValueTypes.Mismatch(shape.Find(Column)!, v)).FirstOrDefault(m => m is not null);
}
