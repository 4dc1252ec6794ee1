using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler;

/// <summary>Collects queues for a <see cref="QueueTree"/>. Not thread-safe.</summary>
public sealed class QueueTreeBuilder
{
    private readonly List<KeyValuePair<string, QueueOptions>> _queues = [];
    private QueuePlacement? _placement;

    /// <summary>Adds a queue.</summary>
    /// <param name="path">Its full path, for example <c>root.flights.gate</c>; parents not added are created with defaults.</param>
    /// <param name="options">Its settings; defaults when absent.</param>
    public QueueTreeBuilder Queue(string path, QueueOptions? options = null)
    {
        _queues.Add(KeyValuePair.Create(path, options ?? new QueueOptions()));
        return this;
    }

    /// <summary>Says into which queue applications go.</summary>
    /// <param name="placement">The rules.</param>
    public QueueTreeBuilder Place(QueuePlacement placement)
    {
        _placement = placement;
        return this;
    }

    /// <summary>Checks and builds the tree.</summary>
    /// <exception cref="SchedulerException">Invalid: see
    /// <see cref="QueueTree(IEnumerable{KeyValuePair{string, QueueOptions}}, QueuePlacement)"/>.</exception>
    public QueueTree Build() => new(_queues, _placement);
}
