using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>Collects what a statement reads and writes while its plan or tree is walked.</summary>
internal sealed class LineageResult
{
    private readonly List<ColumnId> _order = [];
    private readonly Dictionary<ColumnId, ColumnSet> _values = [];
    private readonly SortedSet<(ColumnId Column, LineageUse Use)> _uses = [];
    private ColumnSet _conditions;

    public SortedSet<string> Inputs { get; } = new(StringComparer.Ordinal);

    public string? Output { get; set; }

    public int WrittenCount => _order.Count;

    /// <summary>Notes columns that decide which rows are written.</summary>
    public void Condition(ColumnSet columns, LineageUse use)
    {
        _conditions = _conditions.Union(columns);
        _uses.UnionWith(columns.Columns.Select(c => (c, use)));
    }

    /// <summary>Adds an edge; those of several branches are united.</summary>
    public void Write(ColumnId target, ColumnSet sources)
    {
        if (_values.TryAdd(target, sources))
        {
            _order.Add(target);
        }
        else
        {
            _values[target] = _values[target].Union(sources);
        }
    }

    public StatementLineage ToStatement(string sql, LineageTier tier, double confidence, string? problem)
    {
        var inValues = _values.Values.SelectMany(v => v.Columns).ToHashSet();
        return new StatementLineage
        {
            Sql = sql,
            Output = Output,
            Inputs = [.. Inputs],
            Columns = [.. _order.Select(t => new ColumnLineage(t, _values[t].Columns, _values[t].Flow))],
            Indirect = [.. _conditions.Columns.Where(c => !inValues.Contains(c))],
            Uses = [.. _uses.Select(u => new IndirectUse(u.Column, u.Use))],
            Tier = tier,
            Confidence = confidence,
            Problem = problem,
        };
    }
}
