namespace DataPlatform.Quality.Lineage;

/// <summary>What depends on what, as jobs show it over time and people correct it.</summary>
/// <remarks>
/// Thread-safe. A statement's newest observation replaces its older one, and what another run of its job wrote to the same datasets by other
/// statements: edges that are no longer shown are retired and kept as history. An annotation stands whatever jobs say. Searches run on an
/// immutable <see cref="LineageIndex"/> that is built when the graph has changed.
/// </remarks>
public sealed partial class LineageGraph
{
    private readonly Lock _gate = new();
    private readonly ColumnNames _names = new();
    private readonly Dictionary<EdgeKey, EdgeRecord> _edges = [];
    private readonly Dictionary<string, Dictionary<string, ObservedStatement>> _jobs = new(StringComparer.Ordinal);
    private readonly Dictionary<(int Source, int Target), LineageAnnotation> _annotations = [];
    private readonly HashSet<EdgeKey> _changedEdges = [];
    private readonly HashSet<(int Source, int Target)> _changedAnnotations = [];
    private LineageIndex? _index;
    private int _statements;

    /// <summary>The graph as it is now, for searches.</summary>
    public LineageIndex Index
    {
        get
        {
            lock (_gate)
            {
                return _index ??= LineageIndex.Build(_names, [.. Alive().Select(e => new SparseEdge(e.Source, e.Target, e.IsDirect))]);
            }
        }
    }

    /// <summary>Takes what a job reads and writes, when its statements are not told apart.</summary>
    /// <param name="job">The job; its earlier edges that are not among these are retired.</param>
    /// <param name="edges">Its edges.</param>
    /// <param name="at">When it was seen.</param>
    /// <returns>False when it was ignored.</returns>
    public bool Observe(string job, IEnumerable<LineageEdge> edges, DateTimeOffset at) => Observe(new LineageObservation(job, edges, at));

    /// <summary>Takes what a statement of a job reads and writes.</summary>
    /// <param name="observation">
    /// The observation. One older than the newest of its statement is ignored, so events may arrive out of order and twice.
    /// </param>
    /// <returns>False when it was ignored.</returns>
    public bool Observe(LineageObservation observation)
    {
        ArgumentNullException.ThrowIfNull(observation);
        ArgumentException.ThrowIfNullOrWhiteSpace(observation.Job);
        lock (_gate)
        {
            var job = _jobs.TryGetValue(observation.Job, out var known) ? known : _jobs[observation.Job] = new(StringComparer.Ordinal);
            var statement = StatementOf(job, observation.Statement);
            if (observation.At < statement.Newest)
            {
                return false;
            }

            (statement.Newest, statement.Run) = (observation.At, observation.Run);
            var keys = observation.Edges
                .Select(e => Put(e with { Job = observation.Job, Statement = observation.Statement }, statement.Number, observation)).ToHashSet();
            Retire(statement.Edges.Where(k => !keys.Contains(k)), observation.At);
            Supersede(job, statement, keys, observation.At);
            statement.Edges.UnionWith(keys);
            _index = null;
            return true;
        }
    }

    /// <summary>Takes what a person says. Of several annotations of a pair the newest counts.</summary>
    /// <param name="annotation">The annotation.</param>
    /// <returns>False when a newer one is known.</returns>
    public bool Annotate(LineageAnnotation annotation)
    {
        ArgumentNullException.ThrowIfNull(annotation);
        ArgumentException.ThrowIfNullOrWhiteSpace(annotation.By);
        lock (_gate)
        {
            return Put(annotation, isChange: true);
        }
    }

    /// <summary>Every edge that jobs ever showed, with its history; denied ones included.</summary>
    public IReadOnlyList<EdgeRecord> History()
    {
        lock (_gate)
        {
            return [.. _edges.Values];
        }
    }

    /// <summary>What people say, those withdrawn included, oldest first.</summary>
    public IReadOnlyList<LineageAnnotation> Annotations()
    {
        lock (_gate)
        {
            return [.. _annotations.Values.OrderBy(a => a.At).ThenBy(a => a.Source).ThenBy(a => a.Target)];
        }
    }

    private IEnumerable<(int Source, int Target, bool IsDirect)> Alive()
    {
        foreach (var (key, record) in _edges)
        {
            if (record.RetiredAt is null && !IsDenied(key))
            {
                yield return (key.Source, key.Target, key.Kind == LineageEdgeKind.Direct);
            }
        }

        foreach (var ((source, target), annotation) in _annotations)
        {
            if (annotation.Kind is LineageAnnotationKind.Direct or LineageAnnotationKind.Indirect)
            {
                yield return (source, target, annotation.Kind == LineageAnnotationKind.Direct);
            }
        }
    }

    private bool IsDenied(EdgeKey key)
        => _annotations.Count > 0 && _annotations.GetValueOrDefault((key.Source, key.Target)) is { Kind: LineageAnnotationKind.Denied };

    private ObservedStatement StatementOf(Dictionary<string, ObservedStatement> job, string statement)
        => job.TryGetValue(statement, out var known) ? known : job[statement] = new ObservedStatement(_statements++);

    /// <summary>A job that was changed writes its datasets by other statements; what one run does by several stands side by side.</summary>
    private void Supersede(Dictionary<string, ObservedStatement> job, ObservedStatement by, HashSet<EdgeKey> keys, DateTimeOffset at)
    {
        if (job.Count == 1)
        {
            return;
        }

        var written = DatasetsOf(keys);
        foreach (var other in job.Values.Where(s => s != by && (by.Run is null || s.Run != by.Run)))
        {
            if (other.Newest <= at)
            {
                Retire(other.Edges.Where(k => written.Contains(_names[k.Target].Dataset)), at);
            }
            else
            {
                // The event comes late: the other run's statement has replaced this one already.
                var since = DatasetsOf(other.Edges.Where(k => _edges[k].RetiredAt is null));
                Retire(keys.Where(k => since.Contains(_names[k.Target].Dataset)), other.Newest);
            }
        }
    }

    private HashSet<string> DatasetsOf(IEnumerable<EdgeKey> keys) => keys.Select(k => _names[k.Target].Dataset).ToHashSet(StringComparer.Ordinal);

    private void Retire(IEnumerable<EdgeKey> keys, DateTimeOffset at)
    {
        foreach (var key in keys.Where(k => _edges[k].RetiredAt is null))
        {
            _edges[key] = _edges[key] with { RetiredAt = at };
            _changedEdges.Add(key);
        }
    }

    private EdgeKey Put(LineageEdge edge, int statement, LineageObservation seen)
    {
        var key = new EdgeKey(_names.IdOf(edge.Source), _names.IdOf(edge.Target), edge.Kind, statement);
        _edges[key] = _edges.TryGetValue(key, out var known)
            ? known with
            {
                Edge = edge,
                LastSeen = seen.At,

                // An event that is told again after the edge was superseded brings it back no more.
                RetiredAt = known.RetiredAt > seen.At ? known.RetiredAt : null,
                LastRun = seen.Run ?? known.LastRun,
            }
            : new EdgeRecord(edge, seen.At, seen.At, null, seen.Run);
        _changedEdges.Add(key);
        return key;
    }

    private bool Put(LineageAnnotation annotation, bool isChange)
    {
        var pair = (_names.IdOf(annotation.Source), _names.IdOf(annotation.Target));
        if (_annotations.TryGetValue(pair, out var known) && known.At > annotation.At)
        {
            return false;
        }

        _annotations[pair] = annotation;
        if (isChange)
        {
            _changedAnnotations.Add(pair);
        }

        _index = null;
        return true;
    }

    private readonly record struct EdgeKey(int Source, int Target, LineageEdgeKind Kind, int Statement);

    private sealed class ObservedStatement(int number)
    {
        public int Number { get; } = number;

        public HashSet<EdgeKey> Edges { get; } = [];

        public DateTimeOffset Newest { get; set; } = DateTimeOffset.MinValue;

        public string? Run { get; set; }
    }
}
