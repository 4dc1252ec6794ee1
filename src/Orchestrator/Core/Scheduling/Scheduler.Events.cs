using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using DataPlatform.Orchestrator.Diagnostics;
using DataPlatform.Orchestrator.Runs;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Telling notifiers what happened, once it is stored.</summary>
internal sealed partial class Scheduler
{
    /// <summary>Events kept for one slow follower; older ones are dropped first.</summary>
    private const int BacklogMax = 1_000;

    private readonly CancellationTokenSource _telling = new();
    private readonly ConcurrentDictionary<Channel<OrchestratorEvent>, bool> _followers = new();

    /// <summary>Is told of every event on the loop; null for nobody.</summary>
    public Action<OrchestratorEvent>? Listener { get; set; }

    /// <summary>Events from now on.</summary>
    public async IAsyncEnumerable<OrchestratorEvent> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Channel.CreateBounded<OrchestratorEvent>(
            new BoundedChannelOptions(BacklogMax) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        _followers[channel] = true;
        try
        {
            await foreach (var happening in channel.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return happening;
            }
        }
        finally
        {
            _followers.TryRemove(channel, out _);
        }
    }

    private void Tell(LiveRun run, OrchestratorEventKind kind, string? note = null) =>
        Tell(run, new OrchestratorEvent(kind, _now, run.Record.DagId, run.Record.Id, Note: note));

    private void Tell(LiveRun run, LiveTask task, OrchestratorEventKind kind) =>
        Tell(run, new OrchestratorEvent(
            kind, _now, run.Record.DagId, run.Record.Id, task.Definition.Id, task.Key.MapIndex, task.Try, task.Note));

    private void Tell(LiveRun run, OrchestratorEvent happening)
    {
        if (Listener is { } listener)
        {
            _effects.Add(() => listener(happening));
        }

        if (!_followers.IsEmpty)
        {
            _effects.Add(() =>
            {
                foreach (var follower in _followers.Keys)
                {
                    follower.Writer.TryWrite(happening);
                }
            });
        }

        foreach (var notifier in _options.Notifiers.Concat(run.Dag.Dag.Settings.Notifiers))
        {
            _effects.Add(() => Send(TellAsync(notifier, happening)));
        }
    }

    private async Task TellAsync(INotifier notifier, OrchestratorEvent happening)
    {
        try
        {
            await Task.Run(() => notifier.NotifyAsync(happening, _telling.Token), _telling.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_telling.IsCancellationRequested)
        {
            // The engine stops.
        }
#pragma warning disable CA1031 // A notifier is outside code: its failure is logged and must not touch the run.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogNotifier(happening.ToString(), exception);
        }
    }

    private void TellTask(LiveRun run, LiveTask task)
    {
        if (task.State is TaskState.Success or TaskState.Failed or TaskState.Skipped or TaskState.RetryWait)
        {
            Tell(run, task, task.State switch
            {
                TaskState.Success => OrchestratorEventKind.TaskSucceeded,
                TaskState.Failed => OrchestratorEventKind.TaskFailed,
                TaskState.Skipped => OrchestratorEventKind.TaskSkipped,
                _ => OrchestratorEventKind.TaskRetrying,
            });
        }
    }

    [LoggerMessage(EventId = 3040, Level = LogLevel.Warning, Message = "A notifier failed on: {Happening}")]
    private partial void LogNotifier(string happening, Exception exception);
}
