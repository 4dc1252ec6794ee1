namespace DataPlatform.ResourceScheduler.Preemption;

/// <summary>A queue as capacity preemption over one resource and one node label sees it.</summary>
/// <param name="Path">Its full path.</param>
/// <param name="Guaranteed">What it is guaranteed. Fractional: rounding a small guarantee down to nothing would preempt for ever.</param>
/// <param name="Max">What it may hold at most.</param>
/// <param name="Used">What it holds.</param>
/// <param name="Pending">What it waits for; for a parent, what is added to what its children wait for.</param>
public sealed record PreemptionQueue(string Path, double Guaranteed, double Max, double Used, double Pending)
{
    /// <summary>Higher keeps what it borrowed longer.</summary>
    public int Priority { get; init; }

    /// <summary>Whether nothing may be taken from it, nor from what is below it.</summary>
    public bool IsExempt { get; init; }

    /// <summary>Whether the queue cannot be used on this label and is a guest there: guests pay before owners.</summary>
    public bool IsGuest { get; init; }
}
