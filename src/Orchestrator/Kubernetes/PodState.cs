using System.Text.Json;
using DataPlatform.Orchestrator.Execution;
using k8s.Models;

namespace DataPlatform.Orchestrator.Kubernetes;

/// <summary>What a pod's status means for its try. Pure.</summary>
internal static class PodState
{
    /// <summary>Reasons for which a pod ends that are not its program's fault.</summary>
    private static readonly string[] Lost =
        ["Evicted", "Preempting", "Preempted", "NodeLost", "NodeShutdown", "NodeAffinity", "Shutdown", "Terminated", "UnexpectedAdmissionError",
            "OutOfcpu", "OutOfmemory", "OutOfpods", "ContainerStatusUnknown"];

    /// <summary>Reasons for which a container cannot begin and never will.</summary>
    private static readonly string[] Hopeless = ["InvalidImageName", "CreateContainerConfigError", "CreateContainerError"];

    public static bool HasStarted(V1Pod pod) => pod.Status?.Phase is "Running" or "Succeeded" or "Failed";

    /// <summary>How the try ended; null while it goes on.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="skipExitCode">The exit code that means "skipped".</param>
    public static TaskOutcome? OutcomeOf(V1Pod pod, int skipExitCode)
    {
        var status = pod.Status;
        if (Hopelessness(pod) is { } reason)
        {
            return TaskOutcome.Failed($"pod {pod.Metadata.Name} cannot begin: {reason}", mayRetry: false);
        }

        if (status?.Phase is not ("Succeeded" or "Failed"))
        {
            return null;
        }

        var ended = ContainerOf(pod)?.State?.Terminated;
        if (ended is null || Lost.Contains(status.Reason) || Lost.Contains(ended.Reason))
        {
            return status.Reason == "DeadlineExceeded"
                ? TaskOutcome.Failed($"pod {pod.Metadata.Name} went on longer than its deadline")
                : TaskOutcome.Infrastructure($"pod {pod.Metadata.Name} was lost: {status.Reason ?? ended?.Reason ?? status.Phase} {status.Message}".TrimEnd());
        }

        if (ended.ExitCode == 0)
        {
            return TaskOutcome.Success with { XComs = ReturnValue(ended.Message) };
        }

        return ended.ExitCode == skipExitCode
            ? new TaskOutcome(TaskOutcomeKind.Skipped, $"exit code {ended.ExitCode}")
            : TaskOutcome.Failed($"exit code {ended.ExitCode} ({ended.Reason})\n{ended.Message}".TrimEnd());
    }

    /// <summary>What a pod waits for, for people.</summary>
    public static string WaitsFor(V1Pod? pod)
    {
        var waiting = pod is null ? null : ContainerOf(pod)?.State?.Waiting;
        var unscheduled = pod?.Status?.Conditions?.FirstOrDefault(condition => condition is { Type: "PodScheduled", Status: "False" });
        return waiting is not null ? $"{waiting.Reason}: {waiting.Message}" : unscheduled is not null ? $"{unscheduled.Reason}: {unscheduled.Message}"
            : pod?.Status?.Phase ?? "nothing was heard of it";
    }

    private static string? Hopelessness(V1Pod pod) => ContainerOf(pod)?.State?.Waiting is { } waiting && Hopeless.Contains(waiting.Reason)
        ? $"{waiting.Reason}: {waiting.Message}"
        : null;

    private static V1ContainerStatus? ContainerOf(V1Pod pod) =>
        pod.Status?.ContainerStatuses?.FirstOrDefault(container => container.Name == PodSpec.Container);

    /// <summary>The termination message: JSON as it is, else a text.</summary>
    private static Dictionary<string, string> ReturnValue(string? message)
    {
        if (string.IsNullOrWhiteSpace(message))
        {
            return [];
        }

        try
        {
            using var document = JsonDocument.Parse(message);
            return new() { [TaskContext.ReturnKey] = document.RootElement.GetRawText() };
        }
        catch (JsonException)
        {
            return new() { [TaskContext.ReturnKey] = JsonSerializer.Serialize(message.Trim()) };
        }
    }
}
