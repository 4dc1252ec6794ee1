using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Nodes;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler.Applications;

/// <summary>An application while the scheduler knows it.</summary>
internal sealed class Application(long id, ApplicationSpecification definition, Queue leaf, long submittedAtMs)
{
    public long Id { get; } = id;

    public ApplicationSpecification Definition { get; } = definition;

    public Queue Leaf { get; } = leaf;

    public QueueUser User { get; } = leaf.UserOf(definition.User);

    public long SubmittedAtMs { get; } = submittedAtMs;

    public ApplicationState State { get; set; } = ApplicationState.Submitted;

    /// <summary>Asks that may be placed and have something pending, by falling priority, then by number.</summary>
    public List<Ask> Waiting { get; } = [];

    /// <summary>Asks that are not over, by number.</summary>
    public SortedDictionary<long, Ask> Asks { get; } = [];

    /// <summary>Asks that are done, where another may depend on them.</summary>
    public SortedSet<long> DoneAsks { get; } = [];

    public ContainerSet Running { get; } = new();

    public ResourceVector Used;

    public double DominantShare { get; set; }

    /// <summary>What its leaf orders it by: smaller is served first.</summary>
    public double OrderShare { get; set; }

    /// <summary>Where it stands in <see cref="ApplicationsInOrder"/>; -1 while it does not wait.</summary>
    public int HeapPlace { get; set; } = -1;

    /// <summary>What it is entitled to, per resource, by the newest <see cref="Preemption.Entitlements"/>.</summary>
    public double[] Entitled { get; } = new double[Preemption.Entitlements.Resources];

    /// <summary>Whether it holds more than it is entitled to, as settled for the present round of preemption.</summary>
    public bool IsPayer { get; set; }

    /// <summary>The round for which <see cref="Taken"/> counts.</summary>
    public long TakenIn { get; set; } = -1;

    /// <summary>What it loses by what is on its way.</summary>
    public ResourceVector Taken;

    /// <summary>What it gains by what is on its way.</summary>
    public ResourceVector Promised;

    /// <summary>The search of preemption for which <see cref="IsJudgedPayer"/> counts.</summary>
    public long JudgedIn { get; set; } = -1;

    /// <summary>Whether it may have to pay for the request of that search.</summary>
    public bool IsJudgedPayer { get; set; }

    public ulong ShapeMask { get; private set; }

    /// <summary>Tasks that failed for good.</summary>
    public int FailedTasks { get; set; }

    /// <summary>Its end has begun: what is dropped because of it does not end it once more.</summary>
    public bool IsEnding { get; set; }

    public int MasterAttempts { get; set; }

    public long MasterSeenMs { get; set; }

    public long MasterContainerId { get; set; }

    private SortedDictionary<int, int>? _failuresByNode;
    private SortedSet<int>? _avoided;

    public bool HasAvoidedNodes => _avoided is not null;

    public bool IsEnded => State is ApplicationState.Finished or ApplicationState.Failed or ApplicationState.Killed;

    public bool IsActive => State is ApplicationState.Accepted or ApplicationState.Running;

    public bool Avoids(Node node) => _avoided is not null && _avoided.Contains(node.Id);

    /// <summary>Counts a failure on a node and says whether the application avoids that node from now on.</summary>
    public bool FailedOn(Node node, int failuresMax)
    {
        _failuresByNode ??= [];
        var failures = _failuresByNode[node.Id] = _failuresByNode.GetValueOrDefault(node.Id) + 1;
        return failures >= failuresMax && (_avoided ??= []).Add(node.Id);
    }

    /// <summary>Failures by node, and whether the node is avoided because of them.</summary>
    public IEnumerable<(int Node, int Failures, bool IsAvoided)> NodeFailures
        => (_failuresByNode ?? []).Select(pair => (pair.Key, pair.Value, _avoided is not null && _avoided.Contains(pair.Key)));

    public void RestoreFailures(int node, int failures, bool isAvoided)
    {
        (_failuresByNode ??= [])[node] = failures;
        if (isAvoided)
        {
            (_avoided ??= []).Add(node);
        }
    }

    public void Forgive()
    {
        _avoided = null;
        _failuresByNode = null;
    }

    public void Enlist(Ask ask)
    {
        var at = Waiting.FindIndex(other => other.Definition.Priority < ask.Definition.Priority
            || (other.Definition.Priority == ask.Definition.Priority && other.Id > ask.Id));
        Waiting.Insert(at < 0 ? Waiting.Count : at, ask);
        ShapeMask |= ask.Shape!.Bit;
    }

    public void Delist(Ask ask)
    {
        Waiting.Remove(ask);
        RefreshMask();
    }

    public void RefreshMask()
    {
        ShapeMask = 0;
        foreach (var other in Waiting)
        {
            ShapeMask |= other.Shape!.Bit;
        }
    }
}
