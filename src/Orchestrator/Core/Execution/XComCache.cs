namespace DataPlatform.Orchestrator.Execution;

/// <summary>Large values that were read lately, up to so many bytes; the one that came first goes first. Thread-safe.</summary>
internal sealed class XComCache(long bytesMax)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = [];
    private long _bytes;

    public string? Find(string path)
    {
        lock (_gate)
        {
            return _values.GetValueOrDefault(path);
        }
    }

    public void Add(string path, string json)
    {
        lock (_gate)
        {
            if (!_values.TryAdd(path, json))
            {
                return;
            }

            _order.Enqueue(path);
            _bytes += BytesOf(json);

            // The value itself always stays: who asked for it asks again at once.
            while (_bytes > bytesMax && _order.Count > 1)
            {
                var oldest = _order.Dequeue();
                _bytes -= BytesOf(_values[oldest]);
                _values.Remove(oldest);
            }
        }
    }

    private static long BytesOf(string json) => json.Length * 2L;
}
