using DataPlatform.Kernel;

namespace DataPlatform.Orchestrator.Metadata;

/// <summary>The metadata store refused: it belongs to another scheduler, was written by a newer program, or did not answer.</summary>
/// <param name="kind">What the caller can do.</param>
/// <param name="message">What went wrong.</param>
/// <param name="innerException">The cause, where there is one.</param>
public sealed class OrchestratorStoreException(ErrorKind kind, string message, Exception? innerException = null)
    : DataPlatformException(kind, message, innerException);
