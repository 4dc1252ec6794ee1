namespace DataPlatform.Quality.Metrics;

/// <summary>The columns of a relation, as its catalog tells them; no data is read for it.</summary>
/// <param name="Relation">The relation.</param>
/// <param name="Columns">Its columns in order.</param>
public sealed record TableShape(string Relation, IReadOnlyList<TableColumn> Columns)
{
    /// <summary>Finds a column without regard to case; null when there is none.</summary>
    /// <param name="name">The column's name.</param>
    public TableColumn? Find(string name) => Columns.FirstOrDefault(c => string.Equals(c.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Says which of some columns are missing and which there are; null when none is missing.</summary>
    /// <param name="names">The columns wanted.</param>
    public string? Missing(IEnumerable<string> names)
    {
        var missing = names.Where(n => Find(n) is null).ToList();
        return missing.Count == 0
            ? null
            : $"'{Relation}' has no column {string.Join(", ", missing.Select(m => $"'{m}'"))}; it has {string.Join(", ", Columns.Select(c => c.Name))}.{Hint(missing[0])}";
    }

    private string Hint(string name) => name.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot && Find(name[..dot]) is { Family: ColumnFamily.Other }
        ? $" A field of '{name[..dot]}' is asked of in SQL: a row-sql rule on {name}."
        : string.Empty;
}

/// <summary>A column of a relation.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type as the catalog spells it, for example <c>DECIMAL(18,2)</c>.</param>
/// <param name="Family">What can be asked of it.</param>
public sealed record TableColumn(string Name, string Type, ColumnFamily Family);
