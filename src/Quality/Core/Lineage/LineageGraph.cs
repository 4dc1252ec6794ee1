namespace DataPlatform.Quality.Lineage;

/// <summary>What depends on what, as jobs show it over time and people correct it.</summary>
/// <remarks>
/// Thread-safe. A job's newest observation replaces its older one: edges it no longer shows are retired and kept as history. A manual edge
/// stands whatever jobs say, and a denied pair is left out whoever shows it. Searches run on an immutable <see cref="LineageIndex"/> that is
/// built when the graph has changed.
/// </remarks>
public sealed class LineageGraph
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(ColumnId Source, ColumnId Target, LineageEdgeKind Kind, string Job), EdgeRecord> _edges = [];
    private readonly Dictionary<string, HashSet<(ColumnId Source, ColumnId Target, LineageEdgeKind Kind, string Job)>> _byJob = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _newest = new(StringComparer.Ordinal);
    private readonly HashSet<(ColumnId Source, ColumnId Target)> _denied = [];
    private LineageIndex? _index;

    /// <summary>The graph as it is now, for searches.</summary>
    public LineageIndex Index
    {
        get
        {
            lock (_gate)
            {
                return _index ??= LineageIndex.Build(_edges.Values.Where(IsAlive).Select(r => r.Edge));
            }
        }
    }

    /// <summary>Takes what a job reads and writes.</summary>
    /// <param name="job">The job; its earlier edges that are not among these are retired.</param>
    /// <param name="edges">Its edges.</param>
    /// <param name="at">When it was seen. An observation older than the job's newest is ignored, so events may arrive out of order.</param>
    /// <returns>False when it was ignored.</returns>
    public bool Observe(string job, IEnumerable<LineageEdge> edges, DateTimeOffset at)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(job);
        ArgumentNullException.ThrowIfNull(edges);
        lock (_gate)
        {
            if (_newest.TryGetValue(job, out var newest) && at < newest)
            {
                return false;
            }

            _newest[job] = at;
            var keys = edges.Select(e => Put(e with { Job = job }, at)).ToHashSet();
            if (_byJob.TryGetValue(job, out var before))
            {
                foreach (var key in before.Where(k => !keys.Contains(k)))
                {
                    _edges[key] = _edges[key] with { RetiredAt = _edges[key].RetiredAt ?? at };
                }

                keys.UnionWith(before);
            }

            _byJob[job] = keys;
            _index = null;
            return true;
        }
    }

    /// <summary>Says by hand that a column depends on another.</summary>
    /// <param name="source">The column read.</param>
    /// <param name="target">The column written.</param>
    /// <param name="at">When it was said.</param>
    /// <param name="kind">How it depends.</param>
    public void Annotate(ColumnId source, ColumnId target, DateTimeOffset at, LineageEdgeKind kind = LineageEdgeKind.Direct)
    {
        lock (_gate)
        {
            _denied.Remove((source, target));
            Put(new LineageEdge(source, target, kind, LineageOrigin.Manual, string.Empty), at);
            _index = null;
        }
    }

    /// <summary>Says by hand that a column does not depend on another, whatever is shown. Takes a manual edge back.</summary>
    /// <param name="source">The column that is not read.</param>
    /// <param name="target">The column written.</param>
    public void Deny(ColumnId source, ColumnId target)
    {
        lock (_gate)
        {
            _denied.Add((source, target));
            _index = null;
        }
    }

    /// <summary>Every edge that ever was, with its history; denied ones included.</summary>
    public IReadOnlyList<EdgeRecord> History()
    {
        lock (_gate)
        {
            return [.. _edges.Values];
        }
    }

    /// <summary>The denied pairs.</summary>
    public IReadOnlyList<(ColumnId Source, ColumnId Target)> Denied()
    {
        lock (_gate)
        {
            return [.. _denied];
        }
    }

    /// <summary>Puts stored history back, as a store does at start.</summary>
    /// <param name="records">The edges.</param>
    /// <param name="denied">The denied pairs.</param>
    public void Restore(IEnumerable<EdgeRecord> records, IEnumerable<(ColumnId Source, ColumnId Target)> denied)
    {
        ArgumentNullException.ThrowIfNull(records);
        ArgumentNullException.ThrowIfNull(denied);
        lock (_gate)
        {
            foreach (var record in records)
            {
                var key = KeyOf(record.Edge);
                _edges[key] = record;
                if (record.Edge.Job.Length > 0)
                {
                    (_byJob.TryGetValue(record.Edge.Job, out var keys) ? keys : _byJob[record.Edge.Job] = []).Add(key);
                    _newest[record.Edge.Job] = Later(_newest.GetValueOrDefault(record.Edge.Job), Later(record.LastSeen, record.RetiredAt ?? record.LastSeen));
                }
            }

            _denied.UnionWith(denied);
            _index = null;
        }
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static (ColumnId Source, ColumnId Target, LineageEdgeKind Kind, string Job) KeyOf(LineageEdge edge) => (edge.Source, edge.Target, edge.Kind, edge.Job);

    private bool IsAlive(EdgeRecord record) => record.RetiredAt is null && !_denied.Contains((record.Edge.Source, record.Edge.Target));

    private (ColumnId Source, ColumnId Target, LineageEdgeKind Kind, string Job) Put(LineageEdge edge, DateTimeOffset at)
    {
        var key = KeyOf(edge);
        _edges[key] = _edges.TryGetValue(key, out var known) ? known with { Edge = edge, LastSeen = at, RetiredAt = null } : new EdgeRecord(edge, at, at);
        return key;
    }
}
