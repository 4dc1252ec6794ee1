using DataPlatform.ResourceScheduler.Containers;

namespace DataPlatform.ResourceScheduler.Processes;

/// <summary>How a container of processes ended.</summary>
/// <param name="ExitCode">The exit code of its command; 128 and the signal where a signal ended it.</param>
/// <param name="Outcome">What it means: succeeded with code 0, killed when it was asked to stop, failed otherwise.</param>
/// <param name="IsOutOfMemory">Whether it was killed for holding more memory than it may.</param>
/// <param name="CpuSeconds">Processor time of all of its processes, as far as it is known.</param>
/// <param name="PeakMemoryBytes">The most memory it held, as far as it is known; 0 when it is not.</param>
public sealed record ContainerExit(int ExitCode, ContainerOutcome Outcome, bool IsOutOfMemory, double CpuSeconds, long PeakMemoryBytes);
