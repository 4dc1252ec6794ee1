using DataPlatform.Kernel;

namespace DataPlatform.Orchestrator;

/// <summary>Settings of an <see cref="OrchestratorEngine"/>. Read once, at construction.</summary>
public sealed class OrchestratorOptions
{
    /// <summary>The pool of tasks that name none.</summary>
    public const string DefaultPool = "default";

    /// <summary>Slots by pool. The default pool has 128, as in Airflow, unless it is given here.</summary>
    public IDictionary<string, int> Pools { get; } = new Dictionary<string, int>(StringComparer.Ordinal) { [DefaultPool] = 128 };

    /// <summary>What pools are for, by their names, for people: at most 1,000 characters each. What was said by hand goes before.</summary>
    public IDictionary<string, string> PoolDescriptions { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>How often one task instance is started again because its process or container was lost; 25 by default. Then it
    /// fails. Where its executor says so, at once the first time, then after waits that grow to 30 s.</summary>
    public int InfrastructureRetriesMax { get; set; } = 25;

    /// <summary>How long a cancelled body may go on before it is given up; 10 s by default.</summary>
    public TimeSpan CancellationGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long <see cref="OrchestratorEngine.StopAsync"/> lets tasks finish before it cancels them; 0 by default.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.Zero;

    /// <summary>Timers, completions and requests handled between two writes to the store; 1,024 by default.</summary>
    public int StepItemsMax { get; set; } = 1024;

    /// <summary>Seeds the jitter of retries, so that a run can be replayed.</summary>
    public int Seed { get; set; } = 17;

    /// <summary>
    /// Asks for the latest committed version of a dataset that changed its data when the engine starts, so that versions announced while it
    /// was away are not missed; null: only the feed is asked. Of a lake table <c>DeltaTable.LatestDataVersionAsync</c> says it: the table's
    /// newest version may be of a compaction, which is no reason to run.
    /// </summary>
    public Func<DatasetId, CancellationToken, ValueTask<DatasetVersion?>>? LatestVersion { get; set; }

    /// <summary>Who is told of every event of every DAG.</summary>
    public IList<Diagnostics.INotifier> Notifiers { get; } = [];

    /// <summary>How long a notifier may take with one event; 30 s by default. Then it is cancelled, and gets no other before it has ended.</summary>
    public TimeSpan NotifierTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a timetable of your own may take to say when it fires next; 10 s by default. Then its DAG has no schedule until it
    /// answers.</summary>
    public TimeSpan TimetableTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a task that needs more slots than are free is passed over for others before its pool is kept free for it; 16 by
    /// default.</summary>
    public int PoolSkipsMax { get; set; } = 16;

    /// <summary>How long a pool is kept free for a task that needs many slots when what runs does not end; 10 minutes by default. Then smaller tasks
    /// have their turn again.</summary>
    public TimeSpan PoolPatience { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Whether this engine schedules; true by default. False for a process that only asks, for example a web front: what it is asked goes through
    /// the store to the process that owns the DAG, so the store must have a <see cref="Metadata.IOrchestratorStore.Commands"/> queue.
    /// </summary>
    public bool IsScheduler { get; set; } = true;

    /// <summary>
    /// Whether an engine on a store with several schedulers goes by the store's clock, so that clocks of machines do not matter; true by default.
    /// False for a clock that a test moves.
    /// </summary>
    public bool FollowsStoreClock { get; set; } = true;

    /// <summary>How long ended runs and what belongs to them are kept; null, the default, for ever.</summary>
    public RetentionOptions? Retention { get; set; }

    /// <summary>Where values that are too large for the metadata store are kept; null: a task that returns one fails.</summary>
    public Execution.LargeXComs? LargeXComs { get; set; }

    /// <summary>Where the lines that tries write are kept, beside the logger of the engine; null: nowhere.</summary>
    public Logs.TaskLogs? Logs { get; set; }
}
