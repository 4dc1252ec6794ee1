using System.Net;
using DataPlatform.Orchestrator.Execution;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Orchestrator.Kubernetes;

/// <summary>Runs each try of a task in a pod of its own.</summary>
/// <remarks>
/// Thread-safe. The pod's name follows from run, task, map index and epoch, so a try has one pod: an executor that starts again takes up the pod that is
/// there. While a pod waits for a node and its image the task is queued; then it runs, and its time limit begins. Exit code 0 is success, with the
/// termination message as return value; the skip code is a skip; other codes fail with the termination message or the last lines of the log. An evicted,
/// preempted or vanished pod is an infrastructure failure. A cancelled or overdue try's pod is deleted; a scheduler that stops leaves pods to the one that
/// comes after.
/// </remarks>
public sealed partial class KubernetesTaskExecutor : IExecutor, IAsyncDisposable
{
    private readonly IKubernetes _client;
    private readonly KubernetesExecutorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly PodWatch _watch;
    private readonly SemaphoreSlim _places;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;

    /// <summary>Makes an executor and begins to watch its pods.</summary>
    /// <param name="client">The API; it stays the caller's.</param>
    /// <param name="options">Settings.</param>
    /// <param name="time">The clock of waits and limits; null for the system's.</param>
    /// <param name="loggers">Where to log; null for nowhere.</param>
    /// <exception cref="ArgumentException">The owner is no part of a pod's name.</exception>
    public KubernetesTaskExecutor(IKubernetes client, KubernetesExecutorOptions options, TimeProvider? time = null, ILoggerFactory? loggers = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.PodsMax, 1, nameof(options));
        if (options.Owner.Length is 0 or > 20 || !options.Owner.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
        {
            throw new ArgumentException($"the owner '{options.Owner}' needs 1 to 20 lower-case letters, digits and '-'.", nameof(options));
        }

        _client = client;
        _options = options;
        _time = time ?? TimeProvider.System;
        _logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger("DataPlatform.Orchestrator.Kubernetes");
        _places = new SemaphoreSlim(options.PodsMax);
        _watch = new PodWatch(client, options, _time, _logger);
        _watching = Task.Run(() => _watch.RunAsync(_stop.Token));
    }

    /// <inheritdoc/>
    public string Name => _options.Name;

    /// <inheritdoc/>
    public bool Outlives => true;

    /// <inheritdoc/>
    public async ValueTask<TaskOutcome> ExecuteAsync(TaskInvocation invocation, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(invocation);
        V1Pod pod;
        try
        {
            pod = PodSpec.Of(invocation, _options);
            await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (TaskFailedException exception)
        {
            return TaskOutcome.Failed(exception.Message, exception.MayRetry);
        }
        catch (OperationCanceledException)
        {
            return new TaskOutcome(TaskOutcomeKind.Cancelled, "cancelled before its pod was made");
        }

        var wait = _watch.Expect(pod.Metadata.Name);
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, invocation.LetGo);
            return await RunAsync(pod, wait, invocation, either.Token).ConfigureAwait(false);
        }
        finally
        {
            _watch.Forget(pod.Metadata.Name);
            _places.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_stop.IsCancellationRequested)
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            await _watching.ConfigureAwait(false);
            _stop.Dispose();
            _places.Dispose();
        }
    }

    private async Task<TaskOutcome> RunAsync(V1Pod pod, PodWait wait, TaskInvocation invocation, CancellationToken cancellationToken)
    {
        if (await MakeAsync(pod, wait, invocation, cancellationToken).ConfigureAwait(false) is { } refused)
        {
            return refused;
        }

        var outcome = await StartedAsync(wait, cancellationToken).ConfigureAwait(false)
            ?? await invocation.RunAsync(stop => wait.UntilAsync(Outcome, stop), cancellationToken).ConfigureAwait(false);
        if (invocation.LetGo.IsCancellationRequested && outcome.Kind == TaskOutcomeKind.Cancelled)
        {
            return TaskOutcome.Infrastructure($"pod {pod.Metadata.Name} is left to the scheduler that comes after");
        }

        await TakeLogAsync(pod, wait, invocation).ConfigureAwait(false);
        if (outcome.Kind != TaskOutcomeKind.Failed || !_options.KeepsFailedPods)
        {
            await DeleteAsync(pod, invocation.CancellationGrace).ConfigureAwait(false);
        }

        return outcome;
    }

    /// <summary>Waits for the pod's begin. Null when it has begun, else how it ended without.</summary>
    private async Task<TaskOutcome?> StartedAsync(PodWait wait, CancellationToken cancellationToken)
    {
        using var pending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = _time.CreateTimer(static state => ((CancellationTokenSource)state!).Cancel(), pending, _options.PendingMax, Timeout.InfiniteTimeSpan);
        try
        {
            var begun = new TaskOutcome(TaskOutcomeKind.Success);
            var found = await wait.UntilAsync(
                (pod, isGone) => pod is not null && PodState.HasStarted(pod) ? begun : Outcome(pod, isGone), pending.Token).ConfigureAwait(false);
            return ReferenceEquals(found, begun) ? null : found;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new TaskOutcome(TaskOutcomeKind.Cancelled, "cancelled before its pod began");
        }
        catch (OperationCanceledException)
        {
            return TaskOutcome.Infrastructure($"its pod did not begin within {_options.PendingMax}: {PodState.WaitsFor(wait.Pod)}");
        }
    }

    private TaskOutcome? Outcome(V1Pod? pod, bool isGone) => pod is null
        ? isGone ? TaskOutcome.Infrastructure("its pod is gone") : null
        : PodState.OutcomeOf(pod, _options.SkipExitCode) ?? (isGone ? TaskOutcome.Infrastructure($"pod {pod.Metadata.Name} was deleted") : null);

    /// <summary>The log of a pod is a convenience: where it cannot be had, the try still ended as it did.</summary>
    private async Task TakeLogAsync(V1Pod pod, PodWait wait, TaskInvocation invocation)
    {
        if (_options.LogLinesMax == 0 || wait.IsGone || wait.Pod is null || !PodState.HasStarted(wait.Pod))
        {
            return;
        }

        try
        {
            using var text = await _client.CoreV1.ReadNamespacedPodLogAsync(
                pod.Metadata.Name, _options.Namespace, container: PodSpec.Container, tailLines: _options.LogLinesMax, cancellationToken: _stop.Token)
                .ConfigureAwait(false);
            using var reader = new StreamReader(text);
            while (await reader.ReadLineAsync(_stop.Token).ConfigureAwait(false) is { } line)
            {
                invocation.Context.Log(line);
            }
        }
        catch (Exception exception) when (IsTransient(exception) || exception is HttpOperationException or OperationCanceledException)
        {
            invocation.Context.Log($"the log of pod {pod.Metadata.Name} could not be read: {exception.Message}");
        }
    }

    private static bool IsTransient(Exception exception) => exception is HttpRequestException or IOException
        || exception is HttpOperationException { Response.StatusCode: HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError };
}
