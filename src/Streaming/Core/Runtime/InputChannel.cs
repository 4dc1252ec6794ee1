namespace DataPlatform.Streaming.Runtime;

/// <summary>The receiving end of a channel between two subtasks.</summary>
internal abstract class InputChannel
{
    /// <summary>Takes the next element, and gives a credit back to the sender.</summary>
    public abstract bool TryReceive(out StreamElement element);

    /// <summary>Hands a batch of this channel to the operator it leads to, and takes the batch back.</summary>
    public abstract void Deliver(StreamElement batch);

    /// <summary>Tells the channel who reads and who writes, so that each can wake the other.</summary>
    public abstract void Attach(Actor? sender, Actor? receiver);

    /// <summary>Tells the channel where its batches go.</summary>
    public abstract void Bind(Operators.StreamOperator target, int inputIndex);
}
