using DataPlatform.Kernel;

namespace DataPlatform.Orchestrator.Execution;

/// <summary>Thrown by a task body to fail, and to say whether trying again makes sense.</summary>
/// <param name="message">Why.</param>
/// <param name="retry">False: the task fails at once, whatever retries are left.</param>
/// <param name="innerException">The cause, where there is one.</param>
public sealed class TaskFailedException(string message, bool retry = true, Exception? innerException = null)
    : DataPlatformException(retry ? ErrorKind.Unavailable : ErrorKind.Invalid, message, innerException)
{
    /// <summary>Whether trying again makes sense.</summary>
    public bool MayRetry { get; } = retry;
}
