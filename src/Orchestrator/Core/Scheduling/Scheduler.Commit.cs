using System.Diagnostics;
using DataPlatform.Orchestrator.Diagnostics;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Writing a step, and telling those who wait for it.</summary>
internal sealed partial class Scheduler
{
    private readonly List<LiveTask> _dirtyTasks = [];
    private readonly List<LiveRun> _dirtyRuns = [];
    private readonly Dictionary<long, List<TaskCompletionSource<DagRun?>>> _runWaiters = [];
    private readonly HashSet<IAnswer> _answers = [];
    private readonly List<IAnswer> _answersOfStep = [];
    private readonly Lock _answersGate = new();
    private StoreBatch? _batch;
    private bool _areAnswersClosed;

    private interface IAnswer
    {
        void Fail(Exception exception);
    }

    private StoreBatch Batch => _batch ??= new StoreBatch { Term = _term };

    /// <summary>Waits until a run ends. Null when the scheduler does not know it as unfinished.</summary>
    public Task<DagRun?> WhenEndedAsync(long runId)
    {
        var waiter = new TaskCompletionSource<DagRun?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var posted = _mailbox.Writer.TryWrite(() =>
        {
            if (!_runs.ContainsKey(runId))
            {
                waiter.TrySetResult(null);
                return;
            }

            if (!_runWaiters.TryGetValue(runId, out var waiters))
            {
                _runWaiters[runId] = waiters = [];
            }

            waiters.Add(waiter);
        });
        if (!posted)
        {
            throw Stopped();
        }

        RegisterAnswer(waiter, new Answer<DagRun?>(waiter));
        return waiter.Task;
    }

    private void MarkDirty(LiveRun run)
    {
        if (!run.IsDirty)
        {
            run.IsDirty = true;
            _dirtyRuns.Add(run);
        }
    }

    private void MarkDirty(LiveTask task)
    {
        if (!task.IsDirty)
        {
            task.IsDirty = true;
            _dirtyTasks.Add(task);
        }
    }

    /// <summary>False where the store did not take the step and the scheduler has forgotten what it knew, to read it again.</summary>
    private async ValueTask<bool> TryCommitAsync()
    {
        try
        {
            await CommitAsync().ConfigureAwait(false);
            return true;
        }
        catch (OrchestratorStoreException exception) when (_fleet is not null)
        {
            Forget(exception);
            return false;
        }
    }

    private async ValueTask CommitAsync()
    {
        if (_dirtyRuns.Count == 0 && _dirtyTasks.Count == 0 && _batch is null)
        {
            return;
        }

        var batch = Batch;
        foreach (var run in _dirtyRuns)
        {
            run.IsDirty = false;
            batch.Runs.Add(run.Record);
        }

        foreach (var task in _dirtyTasks)
        {
            task.IsDirty = false;
            batch.Tasks.Add(task.ToInstance());
        }

        var began = Stopwatch.GetTimestamp();
        await _store.CommitAsync(batch, CancellationToken.None).ConfigureAwait(false);
        OrchestratorTelemetry.Commit(Stopwatch.GetElapsedTime(began));
        foreach (var run in _dirtyRuns)
        {
            AnnounceIfEnded(run);
        }

        _dirtyRuns.Clear();
        _dirtyTasks.Clear();
        _batch = null;
    }

    private void AnnounceIfEnded(LiveRun run)
    {
        if (!run.Record.State.IsFinal())
        {
            return;
        }

        _runs.Remove(run.Record.Id);
        if (_runWaiters.Remove(run.Record.Id, out var waiters))
        {
            foreach (var waiter in waiters)
            {
                waiter.TrySetResult(run.Record);
            }
        }
    }

    /// <summary>Remembers whom to tell when the loop ends, so that nobody waits for a scheduler that is gone.</summary>
    private void RegisterAnswer<T>(TaskCompletionSource<T> source, Answer<T> answer)
    {
        lock (_answersGate)
        {
            if (Fault is null && !_areAnswersClosed)
            {
                _answers.Add(answer);
                _ = source.Task.ContinueWith(
                    (_, state) => Forget((IAnswer)state!), answer, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously,
                        TaskScheduler.Default);
                return;
            }
        }

        answer.Fail(Stopped());
    }

    private void Forget(IAnswer answer)
    {
        lock (_answersGate)
        {
            _answers.Remove(answer);
        }
    }

    private void FailWaiters()
    {
        IAnswer[] left;
        lock (_answersGate)
        {
            _areAnswersClosed = true;
            left = [.. _answers];
        }

        foreach (var answer in left)
        {
            answer.Fail(Stopped());
        }
    }

    private sealed class Answer<T>(TaskCompletionSource<T> source) : IAnswer
    {
        public void Fail(Exception exception) => source.TrySetException(exception);
    }
}
