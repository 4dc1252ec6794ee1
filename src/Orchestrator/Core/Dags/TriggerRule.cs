namespace DataPlatform.Orchestrator.Dags;

/// <summary>When a task may start, given the states of its direct upstream tasks. Names and meaning as in Airflow.</summary>
/// <remarks>The decision is taken as early as the counters allow; see <see cref="Runs.TriggerRules.Decide"/>.</remarks>
public enum TriggerRule
{
    /// <summary>Every upstream succeeded. The default. A failed one gives upstream_failed, a skipped one a skip.</summary>
    AllSuccess,

    /// <summary>Every upstream failed or is upstream_failed; any success or skip gives a skip.</summary>
    AllFailed,

    /// <summary>Every upstream ended, however.</summary>
    AllDone,

    /// <summary>Every upstream ended and one succeeded.</summary>
    AllDoneMinOneSuccess,

    /// <summary>Every upstream ended and, where setup tasks are among them, one setup succeeded. The rule of teardown tasks.</summary>
    AllDoneSetupSuccess,

    /// <summary>One upstream succeeded; does not wait for the others.</summary>
    OneSuccess,

    /// <summary>One upstream failed or is upstream_failed; does not wait for the others.</summary>
    OneFailed,

    /// <summary>One upstream succeeded or failed; skips do not count; does not wait for the others.</summary>
    OneDone,

    /// <summary>Every upstream succeeded or was skipped.</summary>
    NoneFailed,

    /// <summary>Every upstream succeeded or was skipped, and one succeeded.</summary>
    NoneFailedMinOneSuccess,

    /// <summary>Every upstream ended and none was skipped.</summary>
    NoneSkipped,

    /// <summary>Every upstream was skipped.</summary>
    AllSkipped,

    /// <summary>Upstream states do not matter: starts with the run.</summary>
    Always,
}
