namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>The runs that were asked for with a key most recently, also when they have ended: bridges the time between a look into the store,
/// which did not know the key yet, and the loop.</summary>
internal sealed class RecentKeys
{
    /// <summary>Keys kept; far more than can be asked for while one request waits for the loop.</summary>
    private const int KeysMax = 10_000;

    private readonly Dictionary<(string DagId, string Key), long> _runs = [];
    private readonly Queue<(string DagId, string Key)> _order = [];

    public void Add(string dagId, string key, long runId)
    {
        if (_runs.TryAdd((dagId, key), runId))
        {
            _order.Enqueue((dagId, key));
        }

        while (_order.Count > KeysMax)
        {
            _runs.Remove(_order.Dequeue());
        }
    }

    public long? Find(string dagId, string? key) => key is not null && _runs.TryGetValue((dagId, key), out var runId) ? runId : null;
}
