using DataPlatform.Kernel;

namespace DataPlatform.Orchestrator;

/// <summary>A request the engine cannot fulfil: an unknown DAG or run, or an engine that is not running.</summary>
/// <param name="kind">What the caller can do.</param>
/// <param name="message">What went wrong.</param>
/// <param name="innerException">The cause, where there is one.</param>
public sealed class OrchestratorException(ErrorKind kind, string message, Exception? innerException = null)
    : DataPlatformException(kind, message, innerException);
