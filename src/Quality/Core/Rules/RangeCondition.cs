using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Rules;

/// <summary>The value lies between two limits, both included. NaN lies nowhere.</summary>
/// <param name="Column">The column.</param>
/// <param name="Minimum">The lowest value that holds; null for no lower limit.</param>
/// <param name="Maximum">The highest value that holds; null for no upper limit.</param>
public sealed record RangeCondition(string Column, RuleValue? Minimum, RuleValue? Maximum) : RowCondition
{
    /// <inheritdoc/>
    public override string Kind => "range";

    /// <inheritdoc/>
    public override string Description => (Minimum, Maximum) switch
    {
        ({ } low, { } high) => $"{Column} is between {low} and {high}",
        ({ } low, null) => $"{Column} is at least {low}",
        (null, { } high) => $"{Column} is at most {high}",
        _ => $"{Column} is a number",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns => [Column];

    internal override string Key => Canonical.Join(Kind, Column.ToUpperInvariant(), Canonical.Of(Minimum), Canonical.Of(Maximum));

    internal override string? Incompatibility(TableShape shape)
    {
        var column = shape.Find(Column)!;
        return Minimum is null && Maximum is null && column.Family != ColumnFamily.Float
            ? $"A range without limits says of floating point that it is a number; of '{column.Name}', which is {column.Type}, it says nothing."
            : ValueTypes.Mismatch(column, Minimum) ?? ValueTypes.Mismatch(column, Maximum);
    }
}
