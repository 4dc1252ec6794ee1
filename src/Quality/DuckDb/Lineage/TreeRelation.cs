
namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>A column in a parse tree's scope. The name <c>*</c> stands for all columns of a dataset whose schema is not known.</summary>
internal readonly record struct TreeColumn(string Name, ColumnSet Sources)
{
    public const string Star = "*";

    public bool IsStar => Name == Star;

    /// <summary>The sources of one column out of an unknown many: <c>t.*</c> becomes <c>t.name</c>.</summary>
    public ColumnSet Named(string name)
        => ColumnSet.Union(Sources.Columns.Select(c => ColumnSet.Of(c.Column == Star ? c with { Column = name } : c)));

    /// <summary>Columns under the names that a table made of them gets: of two equal names the second has a number behind it.</summary>
    public static IReadOnlyList<TreeColumn> WithNamesOnce(IReadOnlyList<TreeColumn> columns)
    {
        Dictionary<string, int> seen = new(StringComparer.OrdinalIgnoreCase);
        List<TreeColumn> named = [];
        foreach (var column in columns)
        {
            var count = seen.GetValueOrDefault(column.Name);
            seen[column.Name] = count + 1;
            named.Add(count == 0 || column.IsStar ? column : column with { Name = FormattableString.Invariant($"{column.Name}_{count}") });
        }

        return named;
    }
}

/// <summary>Something in a FROM clause, with the name it goes by.</summary>
internal sealed record TreeRelation(string Alias, IReadOnlyList<TreeColumn> Columns)
{
    /// <summary>The dotted name of a table that has no alias of its own; a column may be qualified by all of it.</summary>
    public string? FullName { get; init; }

    /// <summary>Where columns come from that are not known by name: those of a function's rows, which come from its arguments; null where there are none.</summary>
    public ColumnSet? Others { get; init; }

    /// <summary>Whether there may be more columns than are known by name.</summary>
    public bool IsOpen => Columns.Any(c => c.IsStar);

    public TreeColumn? Find(string name)
    {
        foreach (var column in Columns)
        {
            if (string.Equals(column.Name, name, StringComparison.OrdinalIgnoreCase))
            {
                return column;
            }
        }

        return null;
    }

    public TreeColumn? FindOpen(string name) => Columns.Where(c => c.IsStar).Select(c => (TreeColumn?)new TreeColumn(name, c.Named(name))).FirstOrDefault();

    public bool GoesBy(string qualifier)
        => string.Equals(Alias, qualifier, StringComparison.OrdinalIgnoreCase) || string.Equals(FullName, qualifier, StringComparison.OrdinalIgnoreCase);

    /// <summary>The same relation under a column alias list; names beyond the known columns come from the unknown ones.</summary>
    public TreeRelation Rename(IReadOnlyList<string> names)
    {
        if (names.Count == 0)
        {
            return this;
        }

        List<TreeColumn> renamed = [];
        for (var i = 0; i < Math.Max(names.Count, Columns.Count); i++)
        {
            var column = i < Columns.Count ? Columns[i] : Columns[^1];
            renamed.Add(i < names.Count ? column with { Name = names[i] } : column);
        }

        return this with { Columns = renamed };
    }
}
