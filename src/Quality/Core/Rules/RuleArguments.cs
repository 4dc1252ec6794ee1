using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Rules;

/// <summary>Checks of what authors write, before anything runs.</summary>
internal static class RuleArguments
{
    public static IReadOnlyList<T> NotEmpty<T>(IReadOnlyList<T> list)
    {
        ArgumentNullException.ThrowIfNull(list);
        return list.Count > 0 ? [.. list] : throw new ArgumentException("At least one is needed.", nameof(list));
    }

    public static string Text(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        return text;
    }

    /// <summary>Refuses limits that nothing lies between: such a rule would find fault with every row for its author's slip.</summary>
    public static void Ordered(RuleValue? minimum, RuleValue? maximum)
    {
        if (minimum is not null && maximum is not null && RuleValue.Order(minimum, maximum) > 0)
        {
            throw new ArgumentException($"The lowest value, {minimum}, lies above the highest, {maximum}; nothing lies between them.", nameof(minimum));
        }
    }

    /// <summary>As <see cref="Ordered(RuleValue?, RuleValue?)"/>.</summary>
    public static void Ordered<T>(T? minimum, T? maximum)
        where T : struct, IComparable<T>
    {
        if (minimum is { } low && maximum is { } high && low.CompareTo(high) > 0)
        {
            throw new ArgumentException(FormattableString.Invariant($"The lowest value, {low}, lies above the highest, {high}; nothing lies between them."), nameof(minimum));
        }
    }

    /// <summary>Refuses lengths that no text has.</summary>
    public static void Lengths(int? minimum, int? maximum)
    {
        if (minimum is null && maximum is null)
        {
            throw new ArgumentException("A length needs the fewest characters, the most, or both.", nameof(minimum));
        }

        if (minimum < 0 || maximum < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(minimum), minimum < 0 ? minimum : maximum, "No text has fewer than 0 characters.");
        }

        Ordered(minimum, maximum);
    }

    public static ColumnFamily Castable(ColumnFamily family) => family is ColumnFamily.Other or ColumnFamily.Text
        ? throw new ArgumentOutOfRangeException(nameof(family), family, "Every text reads as a text, and none as a nested value.")
        : family;

    public static void Measurable(SeriesMeasure measure, string? column)
    {
        var needsColumn = measure switch
        {
            SeriesMeasure.Rows => false,
            SeriesMeasure.AgeSeconds => (bool?)null,
            SeriesMeasure.NullShare or SeriesMeasure.Mean or SeriesMeasure.Distinct => true,
            _ => throw new ArgumentOutOfRangeException(nameof(measure), measure, "No run over a table measures this."),
        };
        if (needsColumn is { } needs && needs == column is null)
        {
            throw new ArgumentException(needs ? $"The {measure} is about a column; name it." : "The number of rows is about no column; leave it out.", nameof(column));
        }
    }

    public static void SameLength(IReadOnlyList<string> columns, IReadOnlyList<string> referenceColumns)
    {
        if (columns.Count != referenceColumns.Count)
        {
            throw new ArgumentException(
                $"A key of {columns.Count} columns cannot be looked up by {referenceColumns.Count}.", nameof(referenceColumns));
        }
    }
}
