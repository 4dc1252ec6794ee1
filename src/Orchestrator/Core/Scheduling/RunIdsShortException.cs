using DataPlatform.Kernel;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Thrown before anything was changed: the action is done again once numbers for runs were reserved.</summary>
internal sealed class RunIdsShortException() : DataPlatformException(ErrorKind.Unavailable, "no run number is reserved.");
