using System.Collections.Concurrent;
using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Orchestrator.Kubernetes;

/// <summary>Follows the pods of one owner: a list, a watch from its resource version, and a list again now and then or when the watch breaks.</summary>
internal sealed partial class PodWatch(IKubernetes client, KubernetesExecutorOptions options, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(20);

    private readonly ConcurrentDictionary<string, PodWait> _waits = new(StringComparer.Ordinal);

    /// <summary>Begins to wait for a pod. Before it is made, so that nothing is missed.</summary>
    public PodWait Expect(string name) => _waits.GetOrAdd(name, _ => new PodWait());

    public void Forget(string name) => _waits.TryRemove(name, out _);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var pause = PauseMin;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var version = await ListAsync(cancellationToken).ConfigureAwait(false);
                pause = PauseMin;
                if (await FollowAsync(version, cancellationToken).ConfigureAwait(false))
                {
                    continue;
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is HttpOperationException or HttpRequestException or IOException or KubernetesException
                or OperationCanceledException or System.Text.Json.JsonException)
            {
                LogBroken(options.Namespace, exception);
            }

            try
            {
                await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            pause = pause * 2 < PauseMax ? pause * 2 : PauseMax;
        }
    }

    /// <summary>Takes the state of all pods; one that was there before and is not listed is gone.</summary>
    private async Task<string> ListAsync(CancellationToken cancellationToken)
    {
        // A pod that is made while the list is on its way may not be on it, but then it has not been seen before either.
        var known = _waits.Where(pair => pair.Value.Pod is not null).ToList();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        string? page = null;
        string version;
        do
        {
            var list = await client.CoreV1.ListNamespacedPodAsync(
                options.Namespace, labelSelector: PodLabels.Selector(options.Owner), limit: 500, continueParameter: page,
                cancellationToken: cancellationToken).ConfigureAwait(false);
            foreach (var pod in list.Items)
            {
                seen.Add(pod.Metadata.Name);
                See(pod);
            }

            version = list.Metadata.ResourceVersion;
            page = list.Metadata.ContinueProperty;
        }
        while (!string.IsNullOrEmpty(page));
        foreach (var (name, wait) in known)
        {
            if (!seen.Contains(name))
            {
                wait.Lose();
            }
        }

        return version;
    }

    /// <summary>Until the watch ends, breaks, or the next list is due: then true.</summary>
    private async Task<bool> FollowAsync(string version, CancellationToken cancellationToken)
    {
        using var relist = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = time.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), relist, options.RelistEvery, Timeout.InfiniteTimeSpan);
        Exception? error = null;
        try
        {
            var events = client.CoreV1.WatchListNamespacedPodAsync(
                options.Namespace, labelSelector: PodLabels.Selector(options.Owner), resourceVersion: version, allowWatchBookmarks: true,
                onError: exception => error = exception, cancellationToken: relist.Token);
            await foreach (var (kind, pod) in events.WithCancellation(relist.Token).ConfigureAwait(false))
            {
                Take(kind, pod);
            }
        }
        catch (OperationCanceledException) when (relist.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return true;
        }

        if (error is not null && !IsExpired(error))
        {
            LogBroken(options.Namespace, error);
        }

        return relist.IsCancellationRequested;
    }

    private void Take(WatchEventType kind, V1Pod pod)
    {
        switch (kind)
        {
            case WatchEventType.Added or WatchEventType.Modified:
                See(pod);
                break;
            case WatchEventType.Deleted when _waits.TryGetValue(pod.Metadata.Name, out var wait):
                wait.See(pod);
                wait.Lose();
                break;
            default:
                break;
        }
    }

    private void See(V1Pod pod)
    {
        if (_waits.TryGetValue(pod.Metadata.Name, out var wait))
        {
            wait.See(pod);
        }
    }

    /// <summary>The server no longer has the version that the watch was to begin at: a list gives a new one.</summary>
    private static bool IsExpired(Exception exception) => exception is KubernetesException { Status.Code: (int)HttpStatusCode.Gone }
        or HttpOperationException { Response.StatusCode: HttpStatusCode.Gone };

    [LoggerMessage(EventId = 3150, Level = LogLevel.Warning, Message = "The watch of pods in namespace {Namespace} broke: they are listed again")]
    private partial void LogBroken(string @namespace, Exception exception);
}
