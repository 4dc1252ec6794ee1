using System.Diagnostics;
using DataPlatform.Orchestrator.Dags;

namespace DataPlatform.Orchestrator.Runs;

/// <summary>All thirteen trigger rules as one function of counters. Pure; the scheduler, "why is it not running?" and the tests ask the
/// same one.</summary>
/// <remarks>
/// Semantics of Airflow 3. Decisions come as early as the counters allow: one failed upstream makes an all_success task upstream_failed
/// while its siblings still run, and one_success starts without waiting. A task without upstream always runs.
/// </remarks>
public static class TriggerRules
{
    /// <summary>Decides.</summary>
    /// <param name="rule">The task's rule.</param>
    /// <param name="counts">Its direct upstream instances.</param>
    public static TriggerDecision Decide(TriggerRule rule, in UpstreamCounts counts)
    {
        if (counts.Total <= 0)
        {
            return TriggerDecision.Run;
        }

        var bad = counts.Failed + counts.UpstreamFailed;
        return rule switch
        {
            TriggerRule.AllSuccess => bad > 0 ? TriggerDecision.UpstreamFailed : SkipIf(counts.Skipped > 0, counts.Success == counts.Total),
            TriggerRule.AllFailed => SkipIf(counts.Success + counts.Skipped > 0, bad == counts.Total),
            TriggerRule.AllDone => RunIf(counts.AllDone),
            TriggerRule.AllDoneMinOneSuccess => Finished(counts, counts.Success > 0),
            TriggerRule.AllDoneSetupSuccess => DoneSetupSuccess(counts),
            TriggerRule.OneSuccess => counts.Success > 0 ? TriggerDecision.Run : Finished(counts, false),
            TriggerRule.OneFailed => bad > 0 ? TriggerDecision.Run : SkipIf(counts.AllDone, false),
            TriggerRule.OneDone => counts.Success + counts.Failed > 0 ? TriggerDecision.Run : SkipIf(counts.AllDone, false),
            TriggerRule.NoneFailed => bad > 0 ? TriggerDecision.UpstreamFailed : RunIf(counts.AllDone),
            TriggerRule.NoneFailedMinOneSuccess =>
                bad > 0 ? TriggerDecision.UpstreamFailed : SkipIf(counts.Skipped == counts.Total, counts.AllDone),
            TriggerRule.NoneSkipped => SkipIf(counts.Skipped > 0, counts.AllDone),
            TriggerRule.AllSkipped => SkipIf(counts.Success + bad > 0, counts.Skipped == counts.Total),
            TriggerRule.Always => TriggerDecision.Run,
            _ => throw new UnreachableException($"unknown trigger rule {rule}"),
        };
    }

    private static TriggerDecision RunIf(bool run) => run ? TriggerDecision.Run : TriggerDecision.Wait;

    private static TriggerDecision SkipIf(bool skip, bool run) => skip ? TriggerDecision.Skip : RunIf(run);

    /// <summary>When all have ended: run, or skip when all were skipped, else upstream_failed.</summary>
    private static TriggerDecision Finished(in UpstreamCounts counts, bool run)
    {
        if (!counts.AllDone)
        {
            return TriggerDecision.Wait;
        }

        return run ? TriggerDecision.Run : counts.Skipped == counts.Total ? TriggerDecision.Skip : TriggerDecision.UpstreamFailed;
    }

    /// <summary>Without setup tasks upstream it is all_done; with them one must have made something to tear down.</summary>
    private static TriggerDecision DoneSetupSuccess(in UpstreamCounts counts)
    {
        if (!counts.AllDone || counts.Setups == 0 || counts.SetupSuccess > 0)
        {
            return RunIf(counts.AllDone);
        }

        return counts.SetupSkipped >= counts.Setups ? TriggerDecision.Skip : TriggerDecision.UpstreamFailed;
    }
}
