using DataPlatform.Kernel;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>A DAG that another process owns, or nobody now: what was asked for has to go through the store.</summary>
internal sealed class DagElsewhereException(string dagId)
    : DataPlatformException(ErrorKind.Unavailable, $"DAG '{dagId}' is not scheduled by this process now.");
