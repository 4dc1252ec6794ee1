namespace DataPlatform.Streaming.Runtime;

/// <summary>Where the work of a job runs: on the thread pool, or on one thread in an order that a seed decides.</summary>
internal interface IJobScheduler
{
    /// <summary>How many steps an actor takes in one turn.</summary>
    int StepsPerTurn { get; }

    /// <summary>Whether nobody waits, so that an actor whose turn is over may as well take the next.</summary>
    bool IsFree { get; }

    /// <summary>Runs an actor soon. An actor is never scheduled twice at once.</summary>
    void Schedule(Actor actor);

    /// <summary>Runs work that may wait for I/O. The work handles its own exceptions.</summary>
    void RunBackground(Func<Task> work);
}

/// <summary>Actors as work items of the process's thread pool, whose size is fixed near the number of cores.</summary>
internal sealed class PoolScheduler : IJobScheduler
{
    public static readonly PoolScheduler Instance = new();

    public int StepsPerTurn => 32;

    // To queue an actor wakes a thread that looks for it, which costs more than the question.
    public bool IsFree => ThreadPool.PendingWorkItemCount == 0;

    public void Schedule(Actor actor) => ThreadPool.UnsafeQueueUserWorkItem(actor, preferLocal: false);

    public void RunBackground(Func<Task> work) => _ = Task.Run(work);
}
