namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Idempotency keys used lately: a second request may have looked into the store before the first one's run was in it.</summary>
internal sealed class RecentKeys
{
    private const int KeysMax = 1_024;

    private readonly Dictionary<string, long> _runs = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = [];

    public bool TryFind(string key, out long runId) => _runs.TryGetValue(key, out runId);

    public void Add(string? key, long runId)
    {
        if (key is null || !_runs.TryAdd(key, runId))
        {
            return;
        }

        _order.Enqueue(key);
        if (_order.Count > KeysMax)
        {
            _runs.Remove(_order.Dequeue());
        }
    }
}
