using DataPlatform.Quality.Rules.Documents;

namespace DataPlatform.Quality.Anomalies;

/// <summary>Names of series: <c>table/rows</c>, <c>table/column/null-share</c>.</summary>
/// <remarks>Parts are percent-encoded, so that a name can be taken apart again; measures are in lower case with hyphens.</remarks>
public static class SeriesName
{
    /// <summary>The name of a series.</summary>
    /// <param name="table">The table, as suites name it.</param>
    /// <param name="measure">What is measured.</param>
    /// <param name="column">The column; null for the table as a whole. Case does not count.</param>
    public static string Of(string table, SeriesMeasure measure, string? column = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(table);
        var middle = column is null ? string.Empty : Uri.EscapeDataString(column.ToLowerInvariant()) + "/";
        return $"{Prefix(table)}{middle}{DocumentNames.Of(measure)}";
    }

    /// <summary>What the names of all series of a table begin with.</summary>
    /// <param name="table">The table.</param>
    public static string Prefix(string table)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(table);
        return Uri.EscapeDataString(table) + "/";
    }

    /// <summary>Takes a name apart.</summary>
    /// <param name="series">The name.</param>
    /// <returns>Its parts; null when it is of another making.</returns>
    public static (string Table, string? Column, SeriesMeasure Measure)? Parse(string series)
    {
        ArgumentNullException.ThrowIfNull(series);
        var parts = series.Split('/');
        return parts.Length is 2 or 3 && DocumentNames.TryParse<SeriesMeasure>(parts[^1], out var measure)
            ? (Uri.UnescapeDataString(parts[0]), parts.Length == 3 ? Uri.UnescapeDataString(parts[1]) : null, measure)
            : null;
    }
}
