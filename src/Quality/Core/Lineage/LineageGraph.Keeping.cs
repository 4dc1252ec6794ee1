namespace DataPlatform.Quality.Lineage;

/// <summary>The way to a store and back.</summary>
public sealed partial class LineageGraph
{
    /// <summary>What changed since this was last asked.</summary>
    /// <returns>The changes; to be given to <see cref="GiveBack"/> when they could not be kept.</returns>
    public LineageChanges TakeChanges()
    {
        lock (_gate)
        {
            var changes = new LineageChanges([.. _changedEdges.Select(k => _edges[k])], [.. _changedAnnotations.Select(p => _annotations[p])]);
            _changedEdges.Clear();
            _changedAnnotations.Clear();
            return changes;
        }
    }

    /// <summary>Marks changes as not kept yet.</summary>
    /// <param name="changes">What <see cref="TakeChanges"/> gave.</param>
    public void GiveBack(LineageChanges changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        lock (_gate)
        {
            foreach (var record in changes.Edges)
            {
                _changedEdges.Add(KeyOf(record.Edge));
            }

            _changedAnnotations.UnionWith(changes.Annotations.Select(a => (_names.IdOf(a.Source), _names.IdOf(a.Target))));
        }
    }

    /// <summary>Takes stored history in, at start or to follow what other processes kept. What is known here and newer stays.</summary>
    /// <param name="stored">The history.</param>
    public void Restore(LineageChanges stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        lock (_gate)
        {
            foreach (var record in stored.Edges)
            {
                Restore(record);
            }

            foreach (var annotation in stored.Annotations)
            {
                Put(annotation, isChange: false);
            }

            _index = null;
        }
    }

    private void Restore(EdgeRecord record)
    {
        var key = KeyOf(record.Edge);
        var statement = _jobs[record.Edge.Job][record.Edge.Statement];
        var newest = Later(record.LastSeen, record.RetiredAt ?? record.LastSeen);
        if (_edges.TryGetValue(key, out var known) && Later(known.LastSeen, known.RetiredAt ?? known.LastSeen) > newest)
        {
            return;
        }

        _edges[key] = record;
        statement.Edges.Add(key);
        if (newest > statement.Newest)
        {
            (statement.Newest, statement.Run) = (newest, record.LastRun);
        }
    }

    private EdgeKey KeyOf(LineageEdge edge)
    {
        var job = _jobs.TryGetValue(edge.Job, out var known) ? known : _jobs[edge.Job] = new(StringComparer.Ordinal);
        return new EdgeKey(_names.IdOf(edge.Source), _names.IdOf(edge.Target), edge.Kind, StatementOf(job, edge.Statement).Number);
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
