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
