using DataPlatform.Kernel;

namespace DataPlatform.Orchestrator.Execution;

/// <summary>Thrown by a task body to be skipped: no failure and no retry; downstream tasks follow their trigger rules.</summary>
/// <param name="message">Why.</param>
public sealed class TaskSkippedException(string message) : DataPlatformException(ErrorKind.Invalid, message);
