using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Rules;

/// <summary>
/// The text is the spelling of a value of some family: <c>12</c> is an integer, <c>12.5</c> and <c>1e3</c> are not. Days and times are spelled as in ISO 8601,
/// <c>2001-01-31</c> and <c>2001-01-31 06:30:00+01:00</c>; blanks around a value are no part of it.
/// </summary>
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

    /// <summary>
    /// How values of the family are spelled, as a regular expression for the whole text. What else engines read is left out on purpose: '12.5' would be
    /// the integer 13, '2001-01-31 25:00:00' a day, 'infinity' a time; and a stream must say of a text what a table says.
    /// </summary>
    public string Spelling => Family switch
    {
        ColumnFamily.Integer => "[+-]?[0-9]+",
        ColumnFamily.Decimal => @"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)",
        ColumnFamily.Float => @"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?",
        ColumnFamily.Boolean => "(?i)(true|false|t|f|yes|no|y|n|1|0)",
        ColumnFamily.Date => Day,
        _ => $@"{Day}([ T][0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}}(\.[0-9]{{1,9}})?)?(Z|[+-][0-9]{{2}}(:[0-9]{{2}})?)?)?",
    };

    private const string Day = "[0-9]{4}-[0-9]{2}-[0-9]{2}";

    private string Noun => Family switch
    {
        ColumnFamily.Integer => "an integer",
        ColumnFamily.Instant => "an instant",
        _ => $"a {Family.ToString().ToLowerInvariant()}",
    };

    internal override string? Incompatibility(TableShape shape) => ValueTypes.NotText(shape.Find(Column)!, "the spelling of another type");
}
