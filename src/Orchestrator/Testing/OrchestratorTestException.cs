using DataPlatform.Kernel;

namespace DataPlatform.Orchestrator.Testing;

/// <summary>Something is not as a test expected, or a body does what the host cannot follow.</summary>
/// <param name="message">What, with the states of the run where there is one.</param>
public sealed class OrchestratorTestException(string message) : DataPlatformException(ErrorKind.Invalid, message);
