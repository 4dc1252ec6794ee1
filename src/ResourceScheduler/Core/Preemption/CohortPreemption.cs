namespace DataPlatform.ResourceScheduler.Preemption;

/// <summary>Whom a newcomer may displace in its own queue.</summary>
public enum WithinQueuePreemption
{
    /// <summary>Nobody.</summary>
    Never,

    /// <summary>Work of lower priority.</summary>
    LowerPriority,

    /// <summary>Work of lower priority, or of the same priority that came later.</summary>
    LowerOrNewerEqualPriority,
}

/// <summary>Whom a newcomer may displace in other queues of its cohort.</summary>
public enum CohortReclaim
{
    /// <summary>Nobody.</summary>
    Never,

    /// <summary>Work of lower priority.</summary>
    LowerPriority,

    /// <summary>Anybody.</summary>
    Any,
}

/// <summary>A queue that lends to and borrows from the others of a cohort.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Guaranteed">What it brings into the cohort.</param>
/// <param name="Weight">Borrowing counts divided by this.</param>
/// <param name="Reclaim">Whom it may displace elsewhere.</param>
/// <param name="WithinQueue">Whom it may displace at home.</param>
public sealed record CohortQueue(string Id, double Guaranteed, double Weight, CohortReclaim Reclaim, WithinQueuePreemption WithinQueue);

/// <summary>Running work of a cohort, or the newcomer.</summary>
/// <param name="Id">Its name; ties end in it.</param>
/// <param name="Queue">Its queue.</param>
/// <param name="Size">What it holds or wants.</param>
/// <param name="Priority">Higher is more important.</param>
/// <param name="Start">When it started; later goes first.</param>
public sealed record CohortWork(string Id, string Queue, double Size, int Priority, long Start = 0);

/// <summary>Why work is displaced.</summary>
public enum CohortReason
{
    /// <summary>The newcomer takes back what its queue is guaranteed.</summary>
    Reclaim,

    /// <summary>The newcomer borrows, but less than its victim's queue.</summary>
    Fair,

    /// <summary>The newcomer is more important than its victim of the same queue.</summary>
    Within,
}

/// <summary>One displaced work.</summary>
/// <param name="Work">The victim.</param>
/// <param name="Reason">Why it.</param>
public sealed record CohortVictim(CohortWork Work, CohortReason Reason);
