using DataPlatform.Kernel;

namespace DataPlatform.Orchestrator.Execution;

/// <summary>A value that cannot be passed between tasks, or is not there.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="innerException">The cause, where there is one.</param>
public sealed class XComException(string message, Exception? innerException = null)
    : DataPlatformException(ErrorKind.Invalid, message, innerException);
