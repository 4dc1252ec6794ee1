namespace DataPlatform.ResourceScheduler;

/// <summary>Collects queues for a <see cref="QueueTree"/>. Not thread-safe.</summary>
public sealed class QueueTreeBuilder
{
    private readonly List<KeyValuePair<string, QueueOptions>> _queues = [];

    /// <summary>Adds a queue.</summary>
    /// <param name="path">Its full path, for example <c>root.flights.gate</c>; parents not added are created with defaults.</param>
    /// <param name="options">Its settings; defaults when absent.</param>
    public QueueTreeBuilder Queue(string path, QueueOptions? options = null)
    {
        _queues.Add(KeyValuePair.Create(path, options ?? new QueueOptions()));
        return this;
    }

    /// <summary>Checks and builds the tree.</summary>
    /// <exception cref="SchedulerException">Invalid: see
    /// <see cref="QueueTree(IEnumerable{KeyValuePair{string, QueueOptions}})"/>.</exception>
    public QueueTree Build() => new(_queues);
}
