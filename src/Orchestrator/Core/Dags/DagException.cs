using DataPlatform.Kernel;

namespace DataPlatform.Orchestrator.Dags;

/// <summary>A DAG that cannot be: a cycle, an unknown or duplicate task, a schedule that never fires, a limit exceeded.</summary>
/// <param name="dagId">The DAG.</param>
/// <param name="message">What is wrong, naming the place and the remedy.</param>
/// <param name="innerException">The cause, where there is one.</param>
public sealed class DagException(string dagId, string message, Exception? innerException = null)
    : DataPlatformException(ErrorKind.Invalid, $"DAG '{dagId}': {message}", innerException)
{
    /// <summary>The DAG that was refused.</summary>
    public string DagId { get; } = dagId;
}
