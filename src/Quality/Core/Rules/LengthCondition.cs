using System.Globalization;
using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Rules;

/// <summary>The text has so many Unicode code points (not bytes, and not what a reader would count as characters).</summary>
/// <param name="Column">A text column.</param>
/// <param name="Minimum">The shortest that holds; null for none.</param>
/// <param name="Maximum">The longest that holds; null for none.</param>
public sealed record LengthCondition(string Column, int? Minimum, int? Maximum) : RowCondition
{
    /// <inheritdoc/>
    public override string Kind => "length";

    /// <inheritdoc/>
    public override string Description => (Minimum, Maximum) switch
    {
        ({ } low, { } high) when low == high => $"{Column} has {low} characters",
        ({ } low, { } high) => $"{Column} has {low} to {high} characters",
        ({ } low, null) => $"{Column} has at least {low} characters",
        _ => $"{Column} has at most {Maximum} characters",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns => [Column];

    internal override string Key => Canonical.Join(
        Kind, Column.ToUpperInvariant(), Minimum?.ToString(CultureInfo.InvariantCulture), Maximum?.ToString(CultureInfo.InvariantCulture));

    internal override string? Incompatibility(TableShape shape) => ValueTypes.NotText(shape.Find(Column)!, "a length");
}
