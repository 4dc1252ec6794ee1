namespace DataPlatform.Quality.Lineage;

/// <summary>What depends on what, as jobs show it over time and people correct it.</summary>
/// <remarks>
/// Thread-safe. A job's newest observation replaces its older one: edges it no longer shows are retired and kept as history. A manual edge
/// stands whatever jobs say, and a denied pair is left out whoever shows it. Searches run on an immutable <see cref="LineageIndex"/> that is
/// built when the graph has changed.
/// </remarks>
public sealed class LineageGraph
{
    private const int ManualJob = 0;
    private readonly Lock _gate = new();
    private readonly ColumnNames _names = new();
    private readonly Dictionary<EdgeKey, EdgeRecord> _edges = [];
    private readonly Dictionary<string, ObservedJob> _jobs = new(StringComparer.Ordinal);
    private readonly HashSet<(int Source, int Target)> _denied = [];
    private LineageIndex? _index;

    /// <summary>The graph as it is now, for searches.</summary>
    public LineageIndex Index
    {
        get
        {
            lock (_gate)
            {
                return _index ??= LineageIndex.Build(
                    _names,
                    [.. _edges.Where(IsAlive).Select(e => new SparseEdge(e.Key.Source, e.Key.Target, e.Key.Kind == LineageEdgeKind.Direct))]);
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
            var observed = JobOf(job);
            if (at < observed.Newest)
            {
                return false;
            }

            observed.Newest = at;
            var keys = edges.Select(e => Put(e with { Job = job }, observed.Number, at)).ToHashSet();
            foreach (var key in observed.Edges.Where(k => !keys.Contains(k)))
            {
                _edges[key] = _edges[key] with { RetiredAt = _edges[key].RetiredAt ?? at };
            }

            observed.Edges.UnionWith(keys);
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
            _denied.Remove(PairOf(source, target));
            Put(new LineageEdge(source, target, kind, LineageOrigin.Manual, string.Empty), ManualJob, at);
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
            _denied.Add(PairOf(source, target));
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
            return [.. _denied.Select(d => (_names[d.Source], _names[d.Target]))];
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
                var observed = record.Edge.Job.Length > 0 ? JobOf(record.Edge.Job) : null;
                var key = KeyOf(record.Edge, observed?.Number ?? ManualJob);
                _edges[key] = record;
                if (observed is not null)
                {
                    observed.Edges.Add(key);
                    observed.Newest = Later(observed.Newest, Later(record.LastSeen, record.RetiredAt ?? record.LastSeen));
                }
            }

            _denied.UnionWith(denied.Select(d => PairOf(d.Source, d.Target)));
            _index = null;
        }
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private bool IsAlive(KeyValuePair<EdgeKey, EdgeRecord> edge)
        => edge.Value.RetiredAt is null && (_denied.Count == 0 || !_denied.Contains((edge.Key.Source, edge.Key.Target)));

    private (int Source, int Target) PairOf(ColumnId source, ColumnId target) => (_names.IdOf(source), _names.IdOf(target));

    private EdgeKey KeyOf(LineageEdge edge, int job) => new(_names.IdOf(edge.Source), _names.IdOf(edge.Target), edge.Kind, job);

    private ObservedJob JobOf(string job)
    {
        if (!_jobs.TryGetValue(job, out var observed))
        {
            _jobs[job] = observed = new ObservedJob(_jobs.Count + 1);
        }

        return observed;
    }

    private EdgeKey Put(LineageEdge edge, int job, DateTimeOffset at)
    {
        var key = KeyOf(edge, job);
        _edges[key] = _edges.TryGetValue(key, out var known) ? known with { Edge = edge, LastSeen = at, RetiredAt = null } : new EdgeRecord(edge, at, at);
        return key;
    }

    private readonly record struct EdgeKey(int Source, int Target, LineageEdgeKind Kind, int Job);

    private sealed class ObservedJob(int number)
    {
        public int Number { get; } = number;

        public HashSet<EdgeKey> Edges { get; } = [];

        public DateTimeOffset Newest { get; set; } = DateTimeOffset.MinValue;
    }
}
