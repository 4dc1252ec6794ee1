using System.Net;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Scheduling;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Orchestrator.Kubernetes;

/// <summary>Making and deleting pods.</summary>
public sealed partial class KubernetesTaskExecutor
{
    private static readonly Backoff Pauses = new(TimeSpan.FromMilliseconds(200), 2.0, TimeSpan.FromSeconds(10));

    /// <summary>Makes the pod, or takes up the one that is there. Null when there is one, else how the try ended without.</summary>
    private async Task<TaskOutcome?> MakeAsync(V1Pod pod, PodWait wait, TaskInvocation invocation, CancellationToken cancellationToken)
    {
        for (var failures = 1; ; failures++)
        {
            try
            {
                wait.SeeFirst(await _client.CoreV1.CreateNamespacedPodAsync(pod, _options.Namespace, cancellationToken: cancellationToken).ConfigureAwait(false));
                return null;
            }
            catch (HttpOperationException exception) when (exception.Response.StatusCode == HttpStatusCode.Conflict)
            {
                return await TakeUpAsync(pod, wait, invocation, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                if (invocation.LetGo.IsCancellationRequested)
                {
                    return TaskOutcome.Infrastructure($"pod {pod.Metadata.Name} is left to the scheduler that comes after");
                }

                // The request may have arrived.
                await DeleteAsync(pod, invocation.CancellationGrace).ConfigureAwait(false);
                return new TaskOutcome(TaskOutcomeKind.Cancelled, "cancelled while its pod was made");
            }
            catch (Exception exception) when (IsTransient(exception) || exception is OperationCanceledException)
            {
                if (failures > _options.RequestRetriesMax)
                {
                    return TaskOutcome.Infrastructure($"pod {pod.Metadata.Name} could not be made: {exception.Message}");
                }

                await PauseAsync(invocation, failures, cancellationToken).ConfigureAwait(false);
            }
            catch (HttpOperationException exception)
            {
                return Refused(pod, exception);
            }
        }
    }

    /// <summary>A quota that is full may have room later; what the server does not take as it is, it never will.</summary>
    private static TaskOutcome Refused(V1Pod pod, HttpOperationException exception)
    {
        var text = $"pod {pod.Metadata.Name} was refused with {(int)exception.Response.StatusCode}: {exception.Response.Content}";
        return exception.Response.StatusCode == HttpStatusCode.Forbidden && exception.Response.Content?.Contains("exceeded quota", StringComparison.Ordinal) == true
            ? TaskOutcome.Infrastructure(text)
            : TaskOutcome.Failed(text, mayRetry: false);
    }

    private async Task<TaskOutcome?> TakeUpAsync(V1Pod pod, PodWait wait, TaskInvocation invocation, CancellationToken cancellationToken)
    {
        try
        {
            var found = await _client.CoreV1.ReadNamespacedPodAsync(pod.Metadata.Name, _options.Namespace, cancellationToken: cancellationToken)
                .ConfigureAwait(false);
            if (!IsOf(found, pod))
            {
                return TaskOutcome.Failed($"there is a pod {pod.Metadata.Name} that is not of this try: give the executor an owner of its own.", mayRetry: false);
            }

            invocation.Context.Log($"pod {pod.Metadata.Name} is there already and is taken up");
            LogTakenUp(pod.Metadata.Name);
            wait.SeeFirst(found);
            return null;
        }
        catch (HttpOperationException exception) when (exception.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return TaskOutcome.Infrastructure($"pod {pod.Metadata.Name} went away while it was taken up");
        }
        catch (Exception exception) when (IsTransient(exception) || exception is OperationCanceledException)
        {
            return TaskOutcome.Infrastructure($"pod {pod.Metadata.Name} could not be read: {exception.Message}");
        }
    }

    /// <summary>Run, task, try and epoch must agree, not the name alone.</summary>
    private static bool IsOf(V1Pod found, V1Pod pod) => found.Metadata.Labels is { } labels && pod.Metadata.Labels
        .Where(label => label.Key.StartsWith("dataplatform.io/", StringComparison.Ordinal))
        .All(label => labels.TryGetValue(label.Key, out var value) && value == label.Value);

    /// <summary>Also when the try was cancelled: so it has its own time, as long as the executor lives.</summary>
    private async Task DeleteAsync(V1Pod pod, TimeSpan grace)
    {
        for (var failures = 1; failures <= _options.RequestRetriesMax; failures++)
        {
            try
            {
                await _client.CoreV1.DeleteNamespacedPodAsync(
                    pod.Metadata.Name, _options.Namespace, gracePeriodSeconds: (int)Math.Ceiling(grace.TotalSeconds), cancellationToken: _stop.Token)
                    .ConfigureAwait(false);
                return;
            }
            catch (HttpOperationException exception) when (exception.Response.StatusCode == HttpStatusCode.NotFound)
            {
                return;
            }
            catch (Exception exception) when (IsTransient(exception) || exception is HttpOperationException)
            {
                LogNotDeleted(pod.Metadata.Name, exception);
                await Task.Delay(RetryDelay.Of(Pauses, failures, draw: 0.5), _time, _stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private Task PauseAsync(TaskInvocation invocation, int failures, CancellationToken cancellationToken)
    {
        var draw = RetryDelay.Draw(invocation.Run.DagId, invocation.Task.Id, invocation.Run.LogicalDate, failures, seed: 0);
        return Task.Delay(RetryDelay.Of(Pauses, failures, draw), _time, cancellationToken);
    }

    [LoggerMessage(EventId = 3151, Level = LogLevel.Information, Message = "Pod {Pod} is there already and is taken up")]
    private partial void LogTakenUp(string pod);

    [LoggerMessage(EventId = 3152, Level = LogLevel.Warning, Message = "Pod {Pod} could not be deleted")]
    private partial void LogNotDeleted(string pod, Exception exception);
}
