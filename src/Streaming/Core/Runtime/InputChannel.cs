using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Runtime;

/// <summary>
/// The receiving end of a channel between two subtasks: the seam behind which a channel may lie in this process or come from another one. Only
/// the receiver's mailbox calls it.
/// </summary>
internal abstract class InputChannel
{
    /// <summary>The edge whose records it brings, stable over attempts.</summary>
    public abstract string EdgeUid { get; }

    /// <summary>Whether what is in flight can be made part of a checkpoint. Otherwise its barriers have to be waited for.</summary>
    public abstract bool CanRecord { get; }

    /// <summary>Whether what was in flight can be put back.</summary>
    public abstract bool CanRestore { get; }

    /// <summary>A barrier that is in the channel, though not yet in front; null for none.</summary>
    public abstract CheckpointBarrier? Announced { get; }

    /// <summary>How many records that were in flight in the restored checkpoint have still to be read; they come before all others.</summary>
    public abstract int RestoredBatches { get; }

    /// <summary>How many batches the sender may have under way, from 1 to the channel's capacity; less keeps less in flight.</summary>
    public abstract int Credit { get; set; }

    /// <summary>Takes the next element, and gives a credit back to the sender.</summary>
    public abstract bool TryReceive(out StreamElement element);

    /// <summary>Hands a batch of this channel to the operator it leads to, and takes the batch back.</summary>
    public abstract void Deliver(StreamElement batch);

    /// <summary>Where the channel's records go in a checkpoint.</summary>
    /// <param name="groups">The key groups of the receiver.</param>
    public abstract InFlightState CreateInFlight(KeyGroupRange groups);

    /// <summary>Adds a batch to what is in flight; other elements are left out, for a new attempt brings them forth anew.</summary>
    public abstract void Record(StreamElement element, InFlightState state);

    /// <summary>Adds what waits in the channel before a checkpoint's barrier.</summary>
    /// <returns>False, with nothing added, when the barrier is not in the channel yet.</returns>
    public abstract bool TryRecordUpTo(long checkpointId, InFlightState state);

    /// <summary>Puts what was in flight in front.</summary>
    /// <param name="restored">The edge's state.</param>
    /// <param name="subtask">Which subtask reads the channel.</param>
    /// <param name="parallelism">How many there are.</param>
    public abstract void Restore(RestoredOperator restored, int subtask, int parallelism);

    /// <summary>Who writes; null for another process.</summary>
    public abstract Actor? Sender { get; }

    /// <summary>Tells the channel who reads and who writes, so that each can wake the other.</summary>
    public abstract void Attach(Actor? sender, Actor? receiver);

    /// <summary>Tells the channel where its batches go.</summary>
    public abstract void Bind(Operators.StreamOperator target, int inputIndex);
}
