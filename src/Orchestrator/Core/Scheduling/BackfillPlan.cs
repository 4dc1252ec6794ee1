using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Which dates a backfill has, in which order, and what becomes of those that have a run. Pure.</summary>
internal static class BackfillPlan
{
    /// <summary>Dates of one backfill.</summary>
    public const int DatesMax = 100_000;

    /// <summary>No range begins before it, so that no timetable is asked for the beginning of the calendar.</summary>
    private const int YearMin = 1900;

    /// <summary>What becomes of each date.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="fires">Its dates in their order.</param>
    /// <param name="existing">Scheduled and backfill runs of the DAG in the range.</param>
    public static IReadOnlyList<BackfillRun> Make(BackfillRequest request, IReadOnlyList<ScheduledFire> fires, IEnumerable<DagRun> existing)
    {
        var runs = existing.GroupBy(run => run.LogicalDate).ToDictionary(group => group.Key, group => group.MaxBy(run => run.Id)!);
        return [.. fires.Select((fire, ordinal) => Plan(fire, ordinal, runs.GetValueOrDefault(fire.LogicalDate), request.Reprocess))];
    }

    private static void Check(Dag dag, ITimetable timetable, BackfillRequest request)
    {
        if (!timetable.FiresByClock)
        {
            throw Refused(dag, "it has no timetable, so a range of dates says nothing");
        }

        if (request.From > request.To || request.MaxActiveRuns < 1)
        {
            throw Refused(dag, $"the range {request.From:u} to {request.To:u} or the {request.MaxActiveRuns} runs at once make no sense");
        }

        if (!Enum.IsDefined(request.Reprocess))
        {
            throw Refused(dag, $"there is no way to reprocess named {request.Reprocess}");
        }

        if (request.From.Year < YearMin)
        {
            throw Refused(dag, $"the range begins before {YearMin}: say where its data begins");
        }

        if (request.IsReverse && dag.Tasks.FirstOrDefault(task => task.DependsOnPast) is { } task)
        {
            throw Refused(dag, $"task '{task.Id}' depends on the run before, so the order cannot be reversed");
        }
    }

    /// <summary>The dates in their order.</summary>
    /// <param name="dag">The DAG.</param>
    /// <param name="timetable">Its timetable, as it may be asked.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="now">Only intervals that have ended by now count.</param>
    /// <exception cref="OrchestratorException">The request cannot be.</exception>
    /// <exception cref="TimetableException">The timetable breaks what it promises.</exception>
    public static IReadOnlyList<ScheduledFire> Fires(Dag dag, ITimetable timetable, BackfillRequest request, DateTimeOffset now)
    {
        Check(dag, timetable, request);
        var fires = new List<ScheduledFire>();
        for (var next = timetable.NextAfter(request.From.AddTicks(-1)); next is { } fire && fire.RunAfter <= now; next = timetable.NextAfter(fire.RunAfter))
        {
            if (fire.LogicalDate > request.To)
            {
                break;
            }

            if (fire.LogicalDate >= request.From)
            {
                fires.Add(fire);
            }

            if (fires.Count > DatesMax)
            {
                throw Refused(dag, $"the range has more than {DatesMax} dates");
            }
        }

        if (request.IsReverse)
        {
            fires.Reverse();
        }

        return fires;
    }

    private static BackfillRun Plan(ScheduledFire fire, int ordinal, DagRun? run, ReprocessMode reprocess)
    {
        var note = run switch
        {
            null => null,
            { State: var state } when !state.IsFinal() => $"run {run.Id} is in flight",
            { State: DagRunState.Success } when reprocess != ReprocessMode.Completed => $"run {run.Id} succeeded",
            _ when reprocess == ReprocessMode.None => $"run {run.Id} ended as {run.State}",
            _ => null,
        };
        return new BackfillRun(0, ordinal, fire, note is null ? BackfillRunState.Pending : BackfillRunState.Skipped, run?.Id, note);
    }

    private static OrchestratorException Refused(Dag dag, string why) =>
        new(ErrorKind.Invalid, $"DAG '{dag.Id}' cannot be backfilled: {why}.");
}
