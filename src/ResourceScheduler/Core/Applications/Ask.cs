using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Nodes;

namespace DataPlatform.ResourceScheduler.Applications;

/// <summary>An ask until its last task is done. Tasks that never ran are a number; only those put back have a record.</summary>
internal sealed class Ask(long id, Application application, ContainerAsk definition, long askedAtMs)
{
    public long Id { get; } = id;

    public Application Application { get; } = application;

    public ContainerAsk Definition { get; } = definition;

    public long AskedAtMs { get; } = askedAtMs;

    /// <summary>Its shape while something is pending; null while nothing is, or while it may not be placed yet.</summary>
    public RequestShape? Shape { get; set; }

    public int Pending { get; set; } = definition.Count;

    public int Running { get; set; }

    /// <summary>Of those, how many were asked to stop. A gang starts again when the last has ended.</summary>
    public int Stopping { get; set; }

    /// <summary>Tasks that are done, for better or worse.</summary>
    public int Done { get; set; }

    public int Failed { get; set; }

    /// <summary>The first task that never ran.</summary>
    public int NextTask { get; set; }

    /// <summary>Tasks to run again, oldest first, before those that never ran.</summary>
    public Queue<PutBackTask> PutBack { get; } = new();

    public Dictionary<int, int>? FailuresByTask { get; set; }

    /// <summary>Run times of done tasks, in seconds; kept only for speculation.</summary>
    public List<double>? RunSeconds { get; } = definition.Speculation is null ? null : [];

    public SortedDictionary<long, Container>? Containers { get; } = definition.Speculation is null ? null : [];

    public int Speculative { get; set; }

    /// <summary>Nodes kept free for it.</summary>
    public List<Node> Reserved { get; } = [];

    public bool IsMaster { get; init; }

    public bool IsOver => Pending == 0 && Running == 0;

    /// <summary>What one placement takes: a gang takes all of its containers at once.</summary>
    public int Batch => Definition.IsGang ? Pending : 1;

    public PutBackTask NextToRun() => PutBack.TryPeek(out var task) ? task : new PutBackTask(NextTask, AskedAtMs, IsSpeculative: false);

    public void Took()
    {
        if (!PutBack.TryDequeue(out _))
        {
            NextTask++;
        }
    }
}

/// <summary>A task that is to run again.</summary>
internal readonly record struct PutBackTask(int Task, long SinceMs, bool IsSpeculative);
