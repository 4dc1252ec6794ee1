using DataPlatform.ResourceScheduler.Diagnostics;

namespace DataPlatform.ResourceScheduler.Web;

/// <summary>Amounts of resources.</summary>
internal sealed record Resources(long CpuMillis, long MemoryMiB, long GpuMillis = 0, IReadOnlyDictionary<string, long>? Extras = null)
{
    public static Resources Of(in ResourceVector vector) => new(vector.CpuMillis, vector.MemoryMiB, vector.GpuMillis,
        vector.Extras.Any() ? vector.Extras.ToDictionary(StringComparer.Ordinal) : null);

    public ResourceVector ToVector() => new(CpuMillis, MemoryMiB, GpuMillis, Extras);
}

/// <summary>The cluster as a whole.</summary>
internal sealed record ClusterView(
    long Epoch, long TimeMs, Resources Capacity, Resources Used, int Nodes, int Queues, int Applications, int ParkedApplications,
        int Running,
    int Pending);

/// <summary>One queue.</summary>
internal sealed record QueueView(
    string Path, Resources Used, Resources FairShare, Resources Guarantee, Resources PendingResources, int Pending, int Running,
        int Applications,
    long WaitsCount, double WaitMeanSeconds, double WaitMaxSeconds)
{
    public static QueueView Of(QueueSnapshot queue) => new(queue.Path, Resources.Of(queue.Used), Resources.Of(queue.FairShare),
        Resources.Of(queue.Guarantee), Resources.Of(queue.PendingResources), queue.Pending, queue.Running, queue.Applications,
        queue.Waits.Count, queue.Waits.Mean.TotalSeconds, queue.Waits.Max.TotalSeconds);
}

/// <summary>One node.</summary>
internal sealed record NodeView(
    string Name, string State, Resources Capacity, Resources Used, int Containers, string Label, string Rack,
    IReadOnlyDictionary<string, string> Attributes, string? ReservedFor)
{
    public static NodeView Of(NodeSnapshot node) => new(node.Name, node.State.ToString(), Resources.Of(node.Capacity),
        Resources.Of(node.Used),
        node.Containers, node.Properties.Label, node.Properties.Rack, node.Properties.Attributes, node.ReservedFor);
}

/// <summary>One application, running or over.</summary>
internal sealed record ApplicationView(
    long Id, string Name, string Queue, string User, string State, Resources Used, int Running, int Pending, string? Reason = null,
    long? EndedAtMs = null)
{
    public static ApplicationView Of(ApplicationSnapshot application) => new(application.Id, application.Name, application.Queue,
        application.User,
        application.State.ToString(), Resources.Of(application.Used), application.Running, application.Pending);

    public static ApplicationView Of(Applications.FinishedApplication application) => new(application.Id, application.Specification.Name,
        application.Specification.Queue, application.Specification.User, application.State.ToString(), new Resources(0, 0), 0, 0,
        application.Reason, application.EndedAtMs);
}

/// <summary>Why an ask waits.</summary>
internal sealed record ExplanationView(
    long AskId, string Application, string Queue, int Pending, double WaitedSeconds, string? Limit, IReadOnlyDictionary<string,
        int> NodesRejected,
    string SmallestChange, long? EstimatedStartMs)
{
    public static ExplanationView Of(PendingExplanation why) => new(why.AskId, why.Application, why.Queue, why.Pending,
        why.WaitedMs / 1000.0,
        why.Limit, why.NodesRejected, why.SmallestChange, why.EstimatedStartMs);
}

/// <summary>One page of a list; <see cref="Next"/> is the key to go on after, null at the end.</summary>
internal sealed record Page<TItem, TKey>(IReadOnlyList<TItem> Items, TKey? Next);

/// <summary>A submitted application.</summary>
internal sealed record SubmittedView(long Id);
