namespace DataPlatform.ResourceScheduler.Simulation;

/// <summary>A number of equal tasks of a simulated job.</summary>
/// <param name="Resources">What each task needs.</param>
/// <param name="RunMs">Run times, in milliseconds; task i runs for the i-th, counted round.</param>
/// <param name="Count">Tasks.</param>
public sealed record SimulatedStage(ResourceVector Resources, IReadOnlyList<long> RunMs, int Count)
{
    /// <summary>Stages of the job, by place, that must be done first.</summary>
    public IReadOnlyList<int> After { get; init; } = [];

    /// <summary>Whether all tasks start together.</summary>
    public bool IsGang { get; init; }

    /// <summary>The node label it needs; empty for none.</summary>
    public string Label { get; init; } = "";

    /// <summary>Attributes its nodes must have.</summary>
    public IReadOnlyList<Applications.AttributeRule> Attributes { get; init; } = [];
}

/// <summary>A job of a trace.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Queue">The leaf it goes to.</param>
/// <param name="User">Its user.</param>
/// <param name="SubmitMs">When it comes, from the start of the trace.</param>
/// <param name="Stages">Its stages.</param>
public sealed record SimulatedJob(string Name, string Queue, string User, long SubmitMs, IReadOnlyList<SimulatedStage> Stages)
{
    /// <summary>Higher is more important.</summary>
    public int Priority { get; init; }

    /// <summary>The longest chain of run times: what the job would take with nobody else there.</summary>
    public long IdealMs
    {
        get
        {
            var ends = new long[Stages.Count];
            for (var i = 0; i < ends.Length; i++)
            {
                ends[i] = Stages[i].After.Select(before => ends[before]).DefaultIfEmpty(0).Max() + Stages[i].RunMs.Max();
            }

            return ends.DefaultIfEmpty(0).Max();
        }
    }
}

/// <summary>A node of a trace.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Capacity">What it has.</param>
public sealed record SimulatedNode(string Name, ResourceVector Capacity)
{
    /// <summary>Label, attributes and rack.</summary>
    public Nodes.NodeProperties Properties { get; init; } = Nodes.NodeProperties.None;
}

/// <summary>Jobs, and the nodes the trace brings along; empty where it brings none.</summary>
/// <param name="Jobs">Jobs by time of submission.</param>
/// <param name="Nodes">Nodes.</param>
public sealed record ClusterTrace(IReadOnlyList<SimulatedJob> Jobs, IReadOnlyList<SimulatedNode> Nodes)
{
    /// <summary>The queues the trace brings along; null where it brings none.</summary>
    public QueueTree? Queues { get; init; }

    /// <summary>The trace's own queues, or a tree with every queue the jobs name, all with defaults.</summary>
    public QueueTree DefaultQueues()
        => Queues ?? new(Jobs.Select(job => job.Queue).Distinct().Select(queue => KeyValuePair.Create(queue, new QueueOptions())));
}
