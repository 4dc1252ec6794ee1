namespace DataPlatform.Orchestrator.Execution;

/// <summary>Runs tries of tasks somewhere. Implementations are thread-safe and may run many at once.</summary>
public interface IExecutor
{
    /// <summary>The name tasks choose it by.</summary>
    string Name { get; }

    /// <summary>True when a try begins as soon as it is handed over, so that it is never seen as queued; saves a write per task.</summary>
    bool StartsAtOnce => false;

    /// <summary>
    /// True when a try goes on while the scheduler that handed it over is gone. The scheduler that comes after hands over the same try again, with
    /// the same <see cref="TaskContext.Epoch"/>, and the executor takes it up where it is instead of starting it a second time.
    /// </summary>
    bool Outlives => false;

    /// <summary>True when the place where a try runs writes its log itself.</summary>
    bool KeepsLog => false;

    /// <summary>Runs one try to its end: waits for a place, calls <see cref="TaskInvocation.RunAsync(CancellationToken)"/> there and
    /// returns its
    /// outcome.</summary>
    /// <param name="invocation">The try.</param>
    /// <param name="cancellationToken">Set when the try is cancelled or the engine shuts down; the outcome is then still awaited for a
    /// while.</param>
    /// <returns>How it ended. An exception counts as an infrastructure failure.</returns>
    ValueTask<TaskOutcome> ExecuteAsync(TaskInvocation invocation, CancellationToken cancellationToken);
}
