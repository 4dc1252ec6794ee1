using DataPlatform.Orchestrator.Execution;

namespace DataPlatform.Orchestrator.Testing;

/// <summary>Where tries run on the host: one at a time, in the order the engine started them, so that a test always sees the same.</summary>
internal sealed class VirtualStage(VirtualClock clock)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string DagId, string TaskId), TaskScript> _scripts = [];
    private readonly Queue<VirtualTry> _ready = [];
    private readonly List<VirtualTry> _begun = [];

    public TaskScript Script(string dagId, string taskId)
    {
        lock (_gate)
        {
            return _scripts.TryGetValue((dagId, taskId), out var script) ? script : _scripts[(dagId, taskId)] = new TaskScript();
        }
    }

    /// <summary>Takes a try from the engine's loop.</summary>
    public Task<TaskOutcome> Enter(TaskInvocation invocation, CancellationToken stop)
    {
        var script = Script(invocation.Run.DagId, invocation.Task.Id);
        var entered = new VirtualTry(invocation, script, clock, stop);
        lock (_gate)
        {
            _ready.Enqueue(entered);
        }

        return entered.Answer;
    }

    /// <summary>Lets one try act until it ends or waits. False when all do.</summary>
    public async Task<bool> ActAsync(TimeSpan limit)
    {
        if (TakeReady() is { } next)
        {
            next.Script.Enter(next);
            _begun.Add(next);
            next.Begin();
        }
        else if (_begun.Find(begun => begun.IsBusy || begun.HasEnded) is { } busy)
        {
            next = busy;
        }
        else
        {
            return false;
        }

        await next.SettleAsync(limit).ConfigureAwait(false);
        if (next.HasEnded)
        {
            next.Script.Leave(next);
            _begun.Remove(next);
            await next.ReportAsync().ConfigureAwait(false);
            next.Dispose();
        }

        return true;
    }

    private VirtualTry? TakeReady()
    {
        lock (_gate)
        {
            return _ready.TryDequeue(out var next) ? next : null;
        }
    }
}
