using DataPlatform.Orchestrator.Execution;
using k8s.Models;

namespace DataPlatform.Orchestrator.Kubernetes;

/// <summary>Settings of a <see cref="KubernetesTaskExecutor"/>. Read once, at construction.</summary>
public sealed class KubernetesExecutorOptions
{
    /// <summary>The name tasks choose it by.</summary>
    public string Name { get; set; } = "kubernetes";

    /// <summary>The namespace of its pods.</summary>
    public string Namespace { get; set; } = "default";

    /// <summary>Whose pods they are: lower-case letters, digits and <c>-</c>, at most 20. One for each store; executors with the same owner take up
    /// each other's pods after a restart.</summary>
    public string Owner { get; set; } = "orchestrator";

    /// <summary>The image of pods, where <see cref="Configure"/> does not set another.</summary>
    public required string Image { get; set; }

    /// <summary>What tasks that are written in code run in the image; they find their try in the variables <c>DP_DAG</c>, <c>DP_RUN</c>, <c>DP_TASK</c>,
    /// <c>DP_MAP_INDEX</c>, <c>DP_TRY</c>, <c>DP_EPOCH</c>, <c>DP_LOGICAL_DATE</c>, <c>DP_INTERVAL_START</c> and <c>DP_INTERVAL_END</c>. Empty: such
    /// tasks fail; commands run as they are.</summary>
    public IReadOnlyList<string> CodeCommand { get; set; } = [];

    /// <summary>The service account; null for the namespace's default. Its token is not mounted.</summary>
    public string? ServiceAccount { get; set; }

    /// <summary>Thousandths of a core where the task does not say; 500 by default. Requested; not a limit.</summary>
    public int CpuMillis { get; set; } = 500;

    /// <summary>MiB of memory where the task does not say; 256 by default. Requested, and the limit.</summary>
    public int MemoryMiB { get; set; } = 256;

    /// <summary>Pods at once; 200 by default. Further tries wait as queued.</summary>
    public int PodsMax { get; set; } = 200;

    /// <summary>How long a pod may wait for a node and its image; 15 minutes by default. Then it is deleted and the try counts as lost.</summary>
    public TimeSpan PendingMax { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How often all pods are listed beside the watch, so that a missed event is not missed for ever; 2 minutes by default.</summary>
    public TimeSpan RelistEvery { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How often a request that the API server could not serve is sent again; 5 by default.</summary>
    public int RequestRetriesMax { get; set; } = 5;

    /// <summary>The exit code that means "skipped"; 99 by default.</summary>
    public int SkipExitCode { get; set; } = 99;

    /// <summary>The last lines of a pod's log that are taken into the log of the try; 1,000 by default, 0 for none.</summary>
    public int LogLinesMax { get; set; } = 1_000;

    /// <summary>Whether pods that failed stay, to be looked at; false by default.</summary>
    public bool KeepsFailedPods { get; set; }

    /// <summary>Changes a pod before it is made: volumes, tolerations, another image. Name, labels and restart policy are set after it.</summary>
    public Action<V1Pod, TaskInvocation>? Configure { get; set; }
}
