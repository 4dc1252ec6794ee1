using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.Sinks;

namespace DataPlatform.Streaming.Graph;

/// <summary>The part of a sink node that does not depend on the records' type.</summary>
internal interface ISinkNode
{
    ISinkCommitter CreateCommitter(SinkCommitterContext context);
}

/// <summary>A sink: writers in the subtasks, one committer beside the coordinator.</summary>
internal sealed class SinkNode<T>(int id, string name, string uid, ISink<T> sink) : StreamNode(id, name, uid, null), ISinkNode
{
    public override StreamOperator CreateOperator(int subtask) => new SinkOperator<T>(sink);

    public ISinkCommitter CreateCommitter(SinkCommitterContext context) => sink.CreateCommitter(context);
}
