using DataPlatform.Kernel;

namespace DataPlatform.Orchestrator.Dags.TaskFlow;

/// <summary>Hands the settings of a <see cref="TaskAttribute"/> to a builder.</summary>
internal static class TaskSettings
{
    /// <exception cref="ArgumentException">A value cannot be.</exception>
    public static void Apply(TaskBuilder builder, TaskAttribute settings)
    {
        builder.Pool(settings.Pool, settings.PoolSlots).Priority(settings.Priority).TriggerRule(settings.Rule)
            .Resources(settings.CpuMillis, settings.MemoryMiB)
            .Retries(settings.Retries, settings.Retries > 0 ? BackoffOf(settings) : null);
        _ = settings.Queue is { } queue ? builder.Queue(queue) : null;
        _ = settings.Executor is { } executor ? builder.Executor(executor) : null;
        _ = settings.Timeout is { } timeout ? builder.Timeout(ClassReader.Duration(timeout)) : null;
        _ = settings.MaxActive != 0 ? builder.MaxActive(settings.MaxActive) : null;
        _ = settings.MaxActivePerRun != 0 ? builder.MaxActivePerRun(settings.MaxActivePerRun) : null;
        builder.Inlets([.. settings.Inlets.Select(name => new DatasetId(name))]);
        builder.Outlets([.. settings.Outlets.Select(name => new DatasetId(name))]);
        _ = settings.DependsOnPast || settings.WaitsForDownstream ? builder.DependsOnPast(settings.WaitsForDownstream) : null;
    }

    private static Backoff BackoffOf(TaskAttribute settings) => new(
        settings.Backoff is { } first ? ClassReader.Duration(first) : Backoff.Default.Base,
        settings.BackoffMultiplier,
        settings.BackoffCap is { } cap ? ClassReader.Duration(cap) : null,
        settings.Jitter);
}
