using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>What names mean at one level of a query; what is not found here is looked for outside.</summary>
internal sealed class TreeScope(TreeScope? outer)
{
    private readonly Dictionary<string, Func<IReadOnlyList<TreeColumn>>> _commonTables = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, ColumnSet> _merged = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, ColumnSet> _aliases = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _tableNames = new(StringComparer.OrdinalIgnoreCase);

    public List<TreeRelation> Relations { get; } = [];

    /// <summary>Columns of USING and NATURAL joins: one under the name, though two tables have it.</summary>
    public IReadOnlyDictionary<string, ColumnSet> Merged => _merged;

    /// <summary>Makes a common table known; it is read when it is first used, so that one nobody uses reads nothing.</summary>
    public void Define(string commonTable, Func<IReadOnlyList<TreeColumn>> columns) => _commonTables[commonTable] = columns;

    public IReadOnlyList<TreeColumn>? CommonTable(string name) => _commonTables.TryGetValue(name, out var found) ? found() : outer?.CommonTable(name);

    public void Merge(string name, ColumnSet sources) => _merged[name] = sources;

    public void Alias(string name, ColumnSet sources) => _aliases.TryAdd(name, sources);

    /// <summary>Whether some table is known to have a column of this name, or an alias has it.</summary>
    public bool Knows(string name) => Known(name) is not null || _aliases.ContainsKey(name) || outer?.Knows(name) == true;

    private ColumnSet? Known(string name)
        => _merged.TryGetValue(name, out var merged) ? merged : Relations.Select(r => r.Find(name)).FirstOrDefault(c => c is not null)?.Sources;

    /// <summary>A select list may use an earlier alias, but a column of the tables wins over it.</summary>
    public ColumnSet Resolve(string name)
    {
        if (Known(name) is { } known)
        {
            return known;
        }

        // The name of a table alone is its whole row.
        if (Relations.Find(r => r.GoesBy(name)) is { } row)
        {
            return ColumnSet.Union(row.Columns.Select(c => c.Sources));
        }

        // With an unknown table in scope, an alias is the surer guess, unless the name was read from the table before the alias was made.
        if (_aliases.TryGetValue(name, out var alias) && !_tableNames.Contains(name))
        {
            return alias;
        }

        var open = Relations.Where(r => r.IsOpen).ToList();
        if (open.Count > 0)
        {
            _tableNames.Add(name);
            return open.Count == 1 ? open[0].FindOpen(name)!.Value.Sources : ColumnSet.Of(new ColumnId(ColumnId.Unknown, name));
        }

        if (Relations.Select(r => r.Others).FirstOrDefault(o => o is not null) is { } others && outer?.Knows(name) != true)
        {
            return others;
        }

        return outer?.Resolve(name) ?? ColumnSet.Of(new ColumnId(ColumnId.Unknown, name));
    }

    /// <summary>A column by the name of its table; null when no table goes by that name.</summary>
    public ColumnSet? Resolve(string qualifier, string name)
    {
        foreach (var relation in Relations.Where(r => r.GoesBy(qualifier)))
        {
            return (relation.Find(name) ?? relation.FindOpen(name))?.Sources ?? relation.Others ?? ColumnSet.Of(new ColumnId(ColumnId.Unknown, name));
        }

        return outer?.Resolve(qualifier, name);
    }
}
