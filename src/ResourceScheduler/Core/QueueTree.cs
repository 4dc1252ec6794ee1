using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler;

/// <summary>The validated hierarchy of queues: <c>root</c>, then organisations, teams, users, ... to any depth. Immutable.</summary>
/// <remarks>Applications run in leaves. Paths are separated by dots: <c>root.flights.gate</c>.</remarks>
public sealed class QueueTree
{
    /// <summary>The path of the queue above all others.</summary>
    public const string RootPath = "root";

    private readonly Dictionary<string, QueueDefinition> _byPath;

    /// <summary>Builds and checks a tree. A parent that is not named is created with default settings.</summary>
    /// <param name="queues">Paths with their settings, in any order.</param>
    /// <param name="placement">Into which queue applications go; where they say, when absent.</param>
    /// <exception cref="SchedulerException">Invalid: a path is malformed, a weight negative, a minimum above its maximum, or the minima of
    /// children
    /// above what their parent has.</exception>
    public QueueTree(IEnumerable<KeyValuePair<string, QueueOptions>> queues, QueuePlacement? placement = null)
    {
        ArgumentNullException.ThrowIfNull(queues);
        Placement = placement ?? QueuePlacement.None;
        var options = new SortedDictionary<string, QueueOptions>(StringComparer.Ordinal);
        foreach (var (path, queue) in queues)
        {
            QueuePath.EnsureValid(path);
            if (!options.TryAdd(path, queue ?? throw SchedulerException.Invalid($"Queue '{path}' has no settings.")))
            {
                throw SchedulerException.Invalid($"Queue '{path}' is defined twice.");
            }
        }

        Root = QueueDefinition.Build(RootPath, options);
        QueueTreeRules.EnsureValid(Root);
        Queues = [.. Root.SelfAndBelow()];
        _byPath = Queues.ToDictionary(queue => queue.Path, StringComparer.Ordinal);
    }

    /// <summary>Into which queue applications go.</summary>
    public QueuePlacement Placement { get; }

    /// <summary>The queue above all others.</summary>
    public QueueDefinition Root { get; }

    /// <summary>Every queue, parents before children, siblings by name.</summary>
    public IReadOnlyList<QueueDefinition> Queues { get; }

    /// <summary>Starts a tree in code.</summary>
    public static QueueTreeBuilder Define() => new();

    /// <summary>This tree with queues added, or with other settings for some it has.</summary>
    /// <param name="queues">Paths with their settings.</param>
    /// <exception cref="SchedulerException">Invalid: as for the constructor.</exception>
    public QueueTree With(IEnumerable<KeyValuePair<string, QueueOptions>> queues)
    {
        var all = Queues.ToDictionary(queue => queue.Path, queue => queue.Options, StringComparer.Ordinal);
        foreach (var (path, options) in queues)
        {
            all[path] = options;
        }

        return new QueueTree(all, Placement);
    }

    /// <summary>The queue at a path, or null.</summary>
    /// <param name="path">A full path such as <c>root.flights.gate</c>.</param>
    public QueueDefinition? Find(string path) => _byPath.GetValueOrDefault(path);
}
