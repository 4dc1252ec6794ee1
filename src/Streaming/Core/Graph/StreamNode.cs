using DataPlatform.Kernel;
using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Operators;

namespace DataPlatform.Streaming.Graph;

/// <summary>An operator of the job as the user wrote it, before it is multiplied into subtasks.</summary>
internal abstract class StreamNode(int id, string name, string? uid, int? parallelism)
{
    public int Id { get; } = id;

    public string Name { get; } = name;

    /// <summary>The stable identity of state; null for operators without any.</summary>
    public string? Uid { get; } = uid;

    /// <summary>The parallelism asked for; null takes the job's.</summary>
    public int? RequestedParallelism { get; set; } = parallelism;

    /// <summary>Where records go that a user function throws on; null ends the job with the first.</summary>
    public OutputTag<FailedRecord>? FailedTag { get; set; }

    public List<StreamEdge> Inputs { get; } = [];

    public List<StreamEdge> Outputs { get; } = [];

    /// <summary>What it reads from outside the job; null for other operators and for sources without a name.</summary>
    public virtual DatasetId? Dataset => null;

    public bool IsSource => Inputs.Count == 0;

    public int ParallelismIn(StreamJobOptions options) => RequestedParallelism ?? options.Parallelism;

    /// <summary>Looks at the outside world before an attempt begins, for example for a source's splits.</summary>
    public virtual ValueTask PrepareAsync(RestoredCheckpoint? restored, int parallelism, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Makes the operator of one subtask.</summary>
    public abstract StreamOperator CreateOperator(int subtask);
}

/// <summary>A node whose operator needs nothing but a factory.</summary>
internal sealed class OperatorNode(int id, string name, string? uid, Func<StreamOperator> create) : StreamNode(id, name, uid, null)
{
    public override StreamOperator CreateOperator(int subtask) => create();
}
