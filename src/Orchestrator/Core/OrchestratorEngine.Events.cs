using DataPlatform.Kernel;

namespace DataPlatform.Orchestrator;

/// <summary>What comes from outside: versions of datasets.</summary>
public sealed partial class OrchestratorEngine
{
    /// <summary>Takes a version of a dataset into account, as if its feed had announced it. Versions that are not newer change nothing.</summary>
    /// <param name="version">The version.</param>
    /// <param name="cancellationToken">Stops waiting; the version may have been taken.</param>
    /// <exception cref="OrchestratorException">The engine is not running.</exception>
    public Task ReportVersionAsync(DatasetVersion version, CancellationToken cancellationToken = default) => _scheduler.AskAsync(
        () =>
        {
            _scheduler.OnVersion(version);
            return true;
        },
        cancellationToken);
}
