namespace DataPlatform.Orchestrator.ContainerExecutor;

/// <summary>What a <see cref="ContainerTaskExecutor"/> asks for where a task does not say. Read once, at construction.</summary>
public sealed class ContainerTaskExecutorOptions
{
    /// <summary>The name tasks choose the executor by.</summary>
    public string Name { get; set; } = "container";

    /// <summary>The leaf queue of tasks that name none; <c>root.default</c> by default.</summary>
    public string Queue { get; set; } = "root.default";

    /// <summary>Thousandths of a core; 500 by default.</summary>
    public int CpuMillis { get; set; } = 500;

    /// <summary>MiB of memory; 256 by default.</summary>
    public int MemoryMiB { get; set; } = 256;

    /// <summary>On whose behalf containers are asked for.</summary>
    public string User { get; set; } = "orchestrator";
}
