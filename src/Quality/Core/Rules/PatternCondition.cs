using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Rules;

/// <summary>The whole text matches a regular expression (RE2 syntax), or does not.</summary>
/// <param name="Column">A text column.</param>
/// <param name="Pattern">The expression; it must match from the first to the last character.</param>
/// <param name="Forbidden">True when the text must not match.</param>
public sealed record PatternCondition(string Column, string Pattern, bool Forbidden = false) : RowCondition
{
    /// <inheritdoc/>
    public override string Kind => Forbidden ? "not-pattern" : "pattern";

    /// <inheritdoc/>
    public override string Description => $"{Column} {(Forbidden ? "does not match" : "matches")} {Pattern}";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns => [Column];

    internal override string Key => Canonical.Join(Kind, Column.ToUpperInvariant(), Pattern);

    internal override string? Incompatibility(TableShape shape) => ValueTypes.NotText(shape.Find(Column)!, "a pattern");
}
