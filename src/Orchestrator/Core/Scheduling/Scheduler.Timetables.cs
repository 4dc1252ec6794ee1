using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Diagnostics;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>
/// Timetables. Those of this project are asked on the loop. One that somebody else wrote is asked on a thread of its own, for a bounded while, and
/// held to its promises: what it does wrong takes away its DAG's schedule and nothing else.
/// </summary>
internal sealed partial class Scheduler
{
    /// <summary>Timetables of others that are asked at once.</summary>
    private const int QuestionsMax = 8;

    private static readonly Backoff ScheduleBackoff = Backoff.Exponential(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(10), JitterMode.None);

#pragma warning disable CA2213 // It holds no handle, and a question that is answered late still gives its place back.
    private readonly SemaphoreSlim _questions = new(QuestionsMax);
#pragma warning restore CA2213

    /// <summary>Finds the next fire and sets its timer, unless the DAG has its runs full: then the end of a run does.</summary>
    private void ArmSchedule(LiveDag dag)
    {
        if (dag.IsPaused || dag.Armed is not null || dag.Question is { IsCompleted: false } || dag.AsksAgainAt is not null || !dag.HasRoom)
        {
            return;
        }

        if (dag.HasOwnTimetable)
        {
            TakeAnswer(dag, NextOf(dag.Dag.Timetable, dag, _now));
            return;
        }

        var asked = _now;
        var guarded = new GuardedTimetable(dag.Dag.Timetable, GuardedTimetable.AsksForNext);
        var question = new Task<ScheduleAnswer>(() => NextOf(guarded, dag, asked), TaskCreationOptions.LongRunning);
        dag.Question = question;
        _effects.Add(() => Send(AskTimetableAsync(dag, question)));
    }

    /// <summary>The next fire, or what went wrong. Reads of the DAG only what does not change while it is asked.</summary>
    private static ScheduleAnswer NextOf(ITimetable timetable, LiveDag dag, DateTimeOffset now)
    {
        try
        {
            return new ScheduleAnswer(
                timetable.FiresByClock
                    ? ScheduleCursor.Next(timetable, dag.Dag.Catchup, dag.Dag.Start, dag.RegisteredAt, dag.LastFire, now)
                    : null,
                null);
        }
#pragma warning disable CA1031 // Whatever a timetable throws is a fault of its DAG's schedule, which is stored, logged and told.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return new ScheduleAnswer(null, exception);
        }
    }

    private async Task AskTimetableAsync(LiveDag dag, Task<ScheduleAnswer> question)
    {
        await _questions.WaitAsync().ConfigureAwait(false);
        ScheduleAnswer answer;
        try
        {
            question.Start(TaskScheduler.Default);
            answer = await question.WaitAsync(_options.TimetableTimeout, TimeProvider.System).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            answer = new ScheduleAnswer(null, new TimetableException(
                $"it did not answer within {_options.TimetableTimeout}; it is not asked again before it has."));
        }
        finally
        {
            _questions.Release();
        }

        Post(() =>
        {
            if (!dag.IsGone)
            {
                TakeAnswer(dag, answer);
            }
        });
    }

    private void TakeAnswer(LiveDag dag, ScheduleAnswer answer)
    {
        if (answer.Fault is { } fault)
        {
            FailSchedule(dag, fault);
            return;
        }

        if (dag.ScheduleFault is not null)
        {
            dag.ScheduleFault = null;
            Batch.ScheduleFaults.Add((dag.Dag.Id, null));
            LogScheduleAgain(dag.Dag.Id);
        }

        dag.ScheduleFailures = 0;
        if (answer.Fire is not { } fire || dag.IsPaused || dag.Armed is not null || !dag.HasRoom)
        {
            return;
        }

        // The process may sleep past several fires: when one that lies ahead is due the timetable is asked again, and without catch-up the
        // latest complete one takes its place. By a timer always, because a run of skips ends within the call that makes it.
        dag.Armed = fire;
        var isDue = fire.RunAfter <= _now;
        Arm(dag, fire.RunAfter, () =>
        {
            if (isDue)
            {
                Fire(dag, fire);
            }
            else
            {
                OnDue(dag, fire);
            }
        });
    }

    private void OnDue(LiveDag dag, ScheduledFire fire)
    {
        if (dag.Armed == fire)
        {
            dag.Armed = null;
            ArmSchedule(dag);
        }
    }

    private void Fire(LiveDag dag, ScheduledFire fire)
    {
        if (dag.Armed != fire || dag.IsGone)
        {
            return;
        }

        if (!_runIds.HasOne())
        {
            Post(() => Fire(dag, fire));
            return;
        }

        dag.Armed = null;
        if (!dag.HasRoom)
        {
            return;
        }

        dag.LastFire = fire;
        Batch.Fires.Add((dag.Dag.Id, fire));
        var isFilled = dag.Filled.Contains(fire.LogicalDate);
        dag.Filled.RemoveWhere(date => date <= fire.LogicalDate);
        if (!isFilled)
        {
            CreateRun(dag, DagRunKind.Scheduled, fire, run => LeaveToSchedule(dag, run));
        }

        ArmSchedule(dag);
    }

    /// <summary>The DAG goes on without its schedule, and its timetable is asked again, after ever longer waits.</summary>
    private void FailSchedule(LiveDag dag, Exception exception)
    {
        var reason = ScheduleFault.ReasonOf(exception);
        var again = Later(_now, RetryDelay.Of(ScheduleBackoff, ++dag.ScheduleFailures, draw: 0));
        if (dag.ScheduleFault?.Reason != reason)
        {
            dag.ScheduleFault = new ScheduleFault(reason, dag.ScheduleFault?.Since ?? _now);
            Batch.ScheduleFaults.Add((dag.Dag.Id, dag.ScheduleFault));
            Tell(dag, new OrchestratorEvent(OrchestratorEventKind.ScheduleFailed, _now, dag.Dag.Id, RunId: 0, Note: reason));
        }

        LogScheduleFailed(dag.Dag.Id, dag.ScheduleFailures, again, exception);
        dag.AsksAgainAt = again;
        Arm(dag, again, () => AskAgain(dag, again));
    }

    private void AskAgain(LiveDag dag, DateTimeOffset again)
    {
        if (dag.AsksAgainAt != again)
        {
            return;
        }

        dag.AsksAgainAt = null;
        if (dag.Question is { IsCompleted: false })
        {
            FailSchedule(dag, new TimetableException("it has not answered yet what it was asked before."));
            return;
        }

        ArmSchedule(dag);
    }

    /// <summary>An instant after a while that users choose, which may reach beyond the calendar.</summary>
    private static DateTimeOffset Later(DateTimeOffset instant, TimeSpan wait) =>
        wait > DateTimeOffset.MaxValue - instant ? DateTimeOffset.MaxValue : instant + wait;

    private sealed record ScheduleAnswer(ScheduledFire? Fire, Exception? Fault);

    [LoggerMessage(EventId = 3012, Level = LogLevel.Error,
        Message = "The timetable of DAG {DagId} failed, {Failures} times in a row: the DAG has no schedule until it works; it is asked again at {Again:u}")]
    private partial void LogScheduleFailed(string dagId, int failures, DateTimeOffset again, Exception exception);

    [LoggerMessage(EventId = 3013, Level = LogLevel.Information, Message = "The timetable of DAG {DagId} works again")]
    private partial void LogScheduleAgain(string dagId);
}
