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

    public static void SameLength(IReadOnlyList<string> columns, IReadOnlyList<string> referenceColumns)
    {
        if (columns.Count != referenceColumns.Count)
        {
            throw new ArgumentException(
                $"A key of {columns.Count} columns cannot be looked up by {referenceColumns.Count}.", nameof(referenceColumns));
        }
    }
}
