using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Rules;

/// <summary>Which values can be compared with which columns without a silent conversion.</summary>
internal static class ValueTypes
{
    /// <summary>Why a value cannot be compared with a column; null when it can, or when there is no value.</summary>
    public static string? Mismatch(TableColumn column, RuleValue? value)
        => value is null || Comparable(column.Family, value.Kind)
            ? null
            : $"Column '{column.Name}' is {column.Type}, which cannot be compared with {Noun(value.Kind)} {value}.{Hint(column, value)}";

    public static string? NotText(TableColumn column, string what)
        => column.Family == ColumnFamily.Text ? null : $"Column '{column.Name}' is {column.Type}; {what} can be asked of text only.";

    public static string? NotNumber(TableColumn column, string what)
        => IsNumber(column.Family) ? null : $"Column '{column.Name}' is {column.Type}; {what} can be asked of numbers only.";

    public static bool IsNumber(ColumnFamily family) => family is ColumnFamily.Integer or ColumnFamily.Decimal or ColumnFamily.Float;

    public static bool IsTime(ColumnFamily family) => family is ColumnFamily.Date or ColumnFamily.Timestamp or ColumnFamily.Instant;

    private static bool Comparable(ColumnFamily family, RuleValueKind kind) => kind switch
    {
        RuleValueKind.Integer or RuleValueKind.Decimal or RuleValueKind.Double => IsNumber(family),
        RuleValueKind.Text => family == ColumnFamily.Text,
        RuleValueKind.Boolean => family == ColumnFamily.Boolean,
        RuleValueKind.Date => IsTime(family),
        RuleValueKind.Timestamp => family is ColumnFamily.Date or ColumnFamily.Timestamp,
        _ => family == ColumnFamily.Instant,
    };

    // In a document a time in quotes, and in YAML one without them, is a text.
    private static string Hint(TableColumn column, RuleValue value)
        => value.Kind == RuleValueKind.Text && IsTime(column.Family) ? " A time is written as {\"date\": ...}, {\"timestamp\": ...} or {\"instant\": ...}." : string.Empty;

    private static string Noun(RuleValueKind kind) => kind switch
    {
        RuleValueKind.Text => "the text",
        RuleValueKind.Boolean => "the truth value",
        RuleValueKind.Date => "the day",
        RuleValueKind.Timestamp => "the local time",
        RuleValueKind.Instant => "the instant",
        _ => "the number",
    };
}
