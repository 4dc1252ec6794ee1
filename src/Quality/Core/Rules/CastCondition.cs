using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Rules;

/// <summary>The text is the spelling of a value of some family: <c>12</c> is an integer, <c>12.5</c> and <c>1e3</c> are not.</summary>
/// <param name="Column">A text column.</param>
/// <param name="Family">The family wanted: integer, decimal, float, boolean, date, timestamp or instant.</param>
public sealed record CastCondition(string Column, ColumnFamily Family) : RowCondition
{
    /// <inheritdoc/>
    public override string Kind => "castable";

    /// <inheritdoc/>
    public override string Description => $"{Column} reads as {Noun}";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns => [Column];

    internal override string Key => Canonical.Join(Kind, Column.ToUpperInvariant(), Family.ToString());

    private string Noun => Family switch
    {
        ColumnFamily.Integer => "an integer",
        ColumnFamily.Instant => "an instant",
        _ => $"a {Family.ToString().ToLowerInvariant()}",
    };

    internal override string? Incompatibility(TableShape shape) => ValueTypes.NotText(shape.Find(Column)!, "the spelling of another type");
}
