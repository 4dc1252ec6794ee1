namespace DataPlatform.Quality.Lineage;

/// <summary>A lineage graph's history in memory, for tests and for hosts that need none beyond their life.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class InMemoryLineageStore : ILineageStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(ColumnId, ColumnId, LineageEdgeKind, string, string), EdgeRecord> _edges = [];
    private readonly Dictionary<(ColumnId, ColumnId), LineageAnnotation> _annotations = [];

    /// <inheritdoc/>
    public ValueTask SaveAsync(LineageChanges changes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(changes);
        lock (_gate)
        {
            foreach (var record in changes.Edges)
            {
                var edge = record.Edge;
                var key = (edge.Source, edge.Target, edge.Kind, edge.Job, edge.Statement);
                if (!_edges.TryGetValue(key, out var known) || NewestOf(record) >= NewestOf(known))
                {
                    _edges[key] = known is not null && known.FirstSeen < record.FirstSeen ? record with { FirstSeen = known.FirstSeen } : record;
                }
            }

            foreach (var annotation in changes.Annotations)
            {
                if (!_annotations.TryGetValue((annotation.Source, annotation.Target), out var known) || annotation.At >= known.At)
                {
                    _annotations[(annotation.Source, annotation.Target)] = annotation;
                }
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<LineageChanges> LoadAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(new LineageChanges([.. _edges.Values], [.. _annotations.Values]));
        }
    }

    /// <inheritdoc/>
    public ValueTask<int> RemoveRetiredAsync(DateTimeOffset before, int edgesMax = 1_000, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            var old = _edges.Where(e => e.Value.RetiredAt < before).Take(edgesMax).Select(e => e.Key).ToList();
            old.ForEach(key => _edges.Remove(key));
            return ValueTask.FromResult(old.Count);
        }
    }

    private static DateTimeOffset NewestOf(EdgeRecord record)
        => record.RetiredAt is { } retired && retired > record.LastSeen ? retired : record.LastSeen;
}
