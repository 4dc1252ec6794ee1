namespace DataPlatform.Quality;

/// <summary>A few rows that break a rule, as text, for people to look at.</summary>
/// <param name="Columns">Column names.</param>
/// <param name="Rows">Rows in the order of <paramref name="Columns"/>; null is SQL's NULL. Masked columns hold <see cref="Masked"/>.</param>
public sealed record RowSample(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string?>> Rows)
{
    /// <summary>What stands in place of a value that must not leave the table.</summary>
    public const string Masked = "***";

    /// <summary>Characters of a value that are shown at most: a sample is to be looked at and kept for months.</summary>
    public const int ValueMax = 1_000;

    /// <summary>No rows.</summary>
    public static RowSample Empty { get; } = new([], []);

    /// <summary>The beginning of a long value, followed by three points; any other value as it is.</summary>
    /// <param name="value">The value.</param>
    public static string? Beginning(string? value) => value is not null && value.Length > ValueMax ? value[..ValueMax] + "..." : value;

    /// <summary>The same rows with the values of some columns hidden; NULL stays visible as NULL.</summary>
    /// <param name="columns">Columns to hide, compared without regard to case.</param>
    public RowSample Mask(IReadOnlyCollection<string> columns)
    {
        var hidden = Columns.Select(c => columns.Contains(c, StringComparer.OrdinalIgnoreCase)).ToArray();
        return hidden.Contains(true)
            ? this with { Rows = [.. Rows.Select(row => (IReadOnlyList<string?>)[.. row.Select((v, i) => hidden[i] && v is not null ? Masked : v)])] }
            : this;
    }
}
