namespace DataPlatform.Streaming.Checkpoints;

/// <summary>
/// What sinks have prepared and what is not known to be committed, by sink and checkpoint. It covers checkpoints that were given up too:
/// their output was detached from the writers and must be committed with the next one that completes.
/// </summary>
internal sealed class UncommittedOutput
{
    private readonly SortedDictionary<string, SortedDictionary<long, List<ReadOnlyMemory<byte>>>> _sinks = new(StringComparer.Ordinal);

    public UncommittedOutput(IReadOnlyList<SinkState> restored)
    {
        foreach (var sink in restored)
        {
            foreach (var epoch in sink.Epochs)
            {
                foreach (var committable in epoch.Committables)
                {
                    Add(sink.Uid, epoch.CheckpointId, committable);
                }
            }
        }
    }

    public void Add(string sinkUid, long checkpointId, ReadOnlyMemory<byte> committable)
    {
        if (committable.IsEmpty)
        {
            return;
        }

        if (!_sinks.TryGetValue(sinkUid, out var epochs))
        {
            _sinks.Add(sinkUid, epochs = []);
        }

        if (!epochs.TryGetValue(checkpointId, out var committables))
        {
            epochs.Add(checkpointId, committables = []);
        }

        committables.Add(committable);
    }

    /// <summary>What a checkpoint makes ready to commit.</summary>
    public IReadOnlyList<SinkState> UpTo(long checkpointId) => [.. _sinks
        .Select(sink => new SinkState(sink.Key, [.. sink.Value.Where(e => e.Key <= checkpointId).Select(static e => new SinkEpoch(e.Key, [.. e.Value]))]))
        .Where(static sink => sink.Epochs.Count > 0)];

    /// <summary>Forgets what has been committed.</summary>
    public void Committed(IReadOnlyList<SinkState> committed)
    {
        foreach (var sink in committed)
        {
            foreach (var epoch in sink.Epochs)
            {
                _sinks[sink.Uid].Remove(epoch.CheckpointId);
            }
        }
    }
}
