using System.Globalization;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using k8s.Models;

namespace DataPlatform.Orchestrator.Kubernetes;

/// <summary>A try as a pod. Pure.</summary>
internal static class PodSpec
{
    public const string Container = "task";

    private static readonly (string Variable, string Template)[] Variables =
    [
        ("DP_DAG", "{{dag}}"), ("DP_RUN", "{{run}}"), ("DP_TASK", "{{task}}"), ("DP_MAP_INDEX", "{{map_index}}"), ("DP_TRY", "{{try}}"),
        ("DP_EPOCH", "{{epoch}}"), ("DP_LOGICAL_DATE", "{{logical_date}}"), ("DP_INTERVAL_START", "{{interval_start}}"),
        ("DP_INTERVAL_END", "{{interval_end}}"),
    ];

    /// <exception cref="TaskFailedException">The task is code and the executor has nothing that runs it, or a template has no value.</exception>
    public static V1Pod Of(TaskInvocation invocation, KubernetesExecutorOptions options)
    {
        var (task, context) = (invocation.Task, invocation.Context);
        var pod = new V1Pod
        {
            ApiVersion = "v1",
            Kind = "Pod",
            Metadata = new V1ObjectMeta(),
            Spec = new V1PodSpec
            {
                ServiceAccountName = options.ServiceAccount,
                AutomountServiceAccountToken = false,
                Containers = [ContainerOf(invocation, options)],
                TerminationGracePeriodSeconds = (long)Math.Ceiling(invocation.CancellationGrace.TotalSeconds),

                // Should every scheduler be gone for good, the pod still ends.
                ActiveDeadlineSeconds = task.Timeout is { } limit
                    ? (long)Math.Ceiling((limit + options.PendingMax + invocation.CancellationGrace).TotalSeconds)
                    : null,
            },
        };
        options.Configure?.Invoke(pod, invocation);
        pod.Metadata.Name = PodLabels.NameOf(options.Owner, invocation);
        pod.Metadata.NamespaceProperty = options.Namespace;
        pod.Metadata.Labels = Merge(pod.Metadata.Labels, PodLabels.Of(options.Owner, context));
        pod.Metadata.Annotations = Merge(
            pod.Metadata.Annotations, new() { ["dataplatform.io/dag"] = context.DagId, ["dataplatform.io/task-id"] = context.TaskId });
        pod.Spec.RestartPolicy = "Never";
        return pod;
    }

    private static V1Container ContainerOf(TaskInvocation invocation, KubernetesExecutorOptions options)
    {
        var (task, context) = (invocation.Task, invocation.Context);
        var command = task.Body as CommandBody;
        if (command is null && options.CodeCommand.Count == 0)
        {
            throw new TaskFailedException(
                $"task '{task.Id}' is written in code, and the executor '{options.Name}' has no CodeCommand that would run it in its image.", retry: false);
        }

        var memory = new ResourceQuantity(Text(task.MemoryMiB > 0 ? task.MemoryMiB : options.MemoryMiB) + "Mi");
        var cpu = new ResourceQuantity(Text(task.CpuMillis > 0 ? task.CpuMillis : options.CpuMillis) + "m");
        IEnumerable<KeyValuePair<string, string>> given = command?.Environment ?? new Dictionary<string, string>();
        return new V1Container
        {
            Name = Container,
            Image = options.Image,
            Command = command is null ? [.. options.CodeCommand] : [Template.Render(command.File, context)],
            Args = command is null ? null : [.. command.Arguments.Select(argument => Template.Render(argument, context))],
            Env =
            [
                .. given.Select(pair => new V1EnvVar { Name = pair.Key, Value = Template.Render(pair.Value, context) }),
                .. Variables.Select(pair => new V1EnvVar { Name = pair.Variable, Value = Template.Render(pair.Template, context) }),
            ],
            Resources = new V1ResourceRequirements
            {
                Requests = new Dictionary<string, ResourceQuantity> { ["cpu"] = cpu, ["memory"] = memory },
                Limits = new Dictionary<string, ResourceQuantity> { ["memory"] = memory },
            },

            // Without a message of its own, a failed program's last lines say why.
            TerminationMessagePolicy = "FallbackToLogsOnError",
        };
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static Dictionary<string, string> Merge(IDictionary<string, string>? first, Dictionary<string, string> second)
    {
        var merged = first is null ? [] : new Dictionary<string, string>(first);
        foreach (var (key, value) in second)
        {
            merged[key] = value;
        }

        return merged;
    }
}
