using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using DataPlatform.Orchestrator.Diagnostics;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Telling notifiers what happened, once it is stored.</summary>
internal sealed partial class Scheduler
{
    /// <summary>Events kept for one slow follower; older ones are dropped first.</summary>
    private const int BacklogMax = 1_000;

    private readonly CancellationTokenSource _telling = new();
    private readonly Dictionary<INotifier, NotifierLane> _lanes = new(ReferenceEqualityComparer.Instance);
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
        Tell(run.Dag, new OrchestratorEvent(kind, _now, run.Record.DagId, run.Record.Id, Note: note));

    private void Tell(LiveRun run, LiveTask task, OrchestratorEventKind kind) =>
        Tell(run.Dag, new OrchestratorEvent(
            kind, _now, run.Record.DagId, run.Record.Id, task.Definition.Id, task.Key.MapIndex, task.Try, task.Note));

    private void Tell(LiveDag dag, OrchestratorEvent happening)
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

        foreach (var notifier in _options.Notifiers.Concat(dag.Dag.Settings.Notifiers))
        {
            var lane = LaneOf(notifier);
            _effects.Add(() => Send(lane.TellAsync(happening, _telling.Token)));
        }
    }

    private NotifierLane LaneOf(INotifier notifier)
    {
        if (!_lanes.TryGetValue(notifier, out var lane))
        {
            _lanes[notifier] = lane = new NotifierLane(notifier, _options.NotifierTimeout, _logger);
        }

        return lane;
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
}
