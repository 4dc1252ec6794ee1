namespace DataPlatform.Streaming.Cdc;

/// <summary>Lets a writer in the same process wake the readers of its outbox at once, instead of at their next poll.</summary>
/// <remarks>Thread-safe. A hint: a reader that misses it polls.</remarks>
public sealed class OutboxSignal
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Says that rows have been committed.</summary>
    public void Set() => Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>Completes at the next <see cref="Set"/>.</summary>
    internal Task NextAsync() => Volatile.Read(ref _next).Task;
}
