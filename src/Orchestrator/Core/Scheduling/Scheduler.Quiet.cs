namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Whether the loop has anything left to do: for a clock that moves only when it has not.</summary>
internal sealed partial class Scheduler
{
    private int _errands;

    /// <summary>Looks. On the loop; it must be asked as an action of its own.</summary>
    public QuietLook LookQuiet() => new(
        !_mailbox.Reader.TryPeek(out _) && _effects.Count == 0 && _dirtyRuns.Count == 0 && _dirtyTasks.Count == 0 && _batch is null
            && !(_timers.Earliest <= _now) && Volatile.Read(ref _errands) == 0,
        [.. _runs.Keys]);

    /// <summary>Counts work that goes on outside the loop and will post to it.</summary>
    private void Send(Task errand)
    {
        Interlocked.Increment(ref _errands);
        _ = errand.ContinueWith(
            static (_, state) => Interlocked.Decrement(ref ((Scheduler)state!)._errands), this, CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
