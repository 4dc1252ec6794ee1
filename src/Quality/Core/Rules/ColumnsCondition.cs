using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Rules;

/// <summary>Two columns of a row stand in an order. NULL on either side holds; NaN on either side does not.</summary>
/// <param name="Column">The first column.</param>
/// <param name="Comparison">How it stands to the second.</param>
/// <param name="Other">The second column.</param>
public sealed record ColumnsCondition(string Column, Comparison Comparison, string Other) : RowCondition
{
    /// <inheritdoc/>
    public override string Kind => "compare";

    /// <inheritdoc/>
    public override string Description => $"{Column} is {Words} {Other}";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns => [Column, Other];

    internal override string Key => Canonical.Join(Kind, Column.ToUpperInvariant(), Comparison.ToString(), Other.ToUpperInvariant());

    private string Words => Comparison switch
    {
        Comparison.LessThan => "less than",
        Comparison.AtMost => "at most",
        Comparison.Equal => "equal to",
        Comparison.NotEqual => "different from",
        Comparison.AtLeast => "at least",
        _ => "greater than",
    };

    internal override string? Incompatibility(TableShape shape)
    {
        var (first, second) = (shape.Find(Column)!, shape.Find(Other)!);
        return first.Family == second.Family || (ValueTypes.IsNumber(first.Family) && ValueTypes.IsNumber(second.Family))
            ? null
            : $"Column '{first.Name}' is {first.Type} and '{second.Name}' is {second.Type}; they cannot be compared without a conversion.";
    }
}
