using DataPlatform.Orchestrator.Execution;

namespace DataPlatform.Orchestrator.Logs;

/// <summary>The last line.</summary>
internal sealed partial class TaskLog
{
    /// <summary>Ends the log with what became of the try, so that a reader need not look elsewhere.</summary>
    public async Task EndAsync(TaskOutcome outcome)
    {
        if (outcome.Note is { Length: > 0 } note)
        {
            Write($"{outcome.Kind}: {note}");
        }

        await CompleteAsync().ConfigureAwait(false);
    }
}
