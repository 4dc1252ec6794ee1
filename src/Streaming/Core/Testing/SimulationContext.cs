using DataPlatform.Kernel.Storage;

namespace DataPlatform.Streaming.Testing;

/// <summary>What a simulated attempt of a job is built from. Whatever waits, waits by <see cref="PauseAsync"/>, or the run is not its seed's.</summary>
public sealed class SimulationContext
{
    private readonly SimulatedScheduler _scheduler;

    internal SimulationContext(SimulatedScheduler scheduler, ManualClock time, IObjectStore store, int attempt)
    {
        _scheduler = scheduler;
        Time = time;
        Store = store;
        Attempt = attempt;
    }

    /// <summary>The clock of the simulation; for <see cref="StreamJobOptions.Time"/>.</summary>
    public ManualClock Time { get; }

    /// <summary>Outlives attempts; for <see cref="StreamJobOptions.CheckpointStore"/>.</summary>
    public IObjectStore Store { get; }

    /// <summary>Which attempt this is, from 1.</summary>
    public int Attempt { get; }

    /// <summary>Lets anything else happen first; a crash, for example.</summary>
    public Task PauseAsync() => _scheduler.PauseAsync();
}

/// <summary>How rough a simulation is.</summary>
/// <remarks>Which crashes and pauses happen, and when, the seed decides.</remarks>
public sealed record SimulationOptions
{
    /// <summary>How often the process may die. Default 3.</summary>
    public int CrashesMax { get; init; } = 3;

    /// <summary>How many pieces of work there are at most before a crash. Default 3,000.</summary>
    public int PiecesBeforeCrashMax { get; init; } = 3_000;

    /// <summary>How often the store may fail. Default 2.</summary>
    public int StoreFailuresMax { get; init; } = 2;

    /// <summary>After how many failed attempts a run counts as one that cannot be healed. Default 20.</summary>
    public int FailuresMax { get; init; } = 20;

    /// <summary>How often a savepoint may be taken; some of them stop the job, which then begins again. Default 2.</summary>
    public int SavepointsMax { get; init; } = 2;

    /// <summary>Pieces of work after which a run counts as stuck. Default 5 million.</summary>
    public long PiecesMax { get; init; } = 5_000_000;
}

/// <summary>What a simulation did.</summary>
/// <param name="Seed">The seed that replays it.</param>
/// <param name="Pieces">Pieces of work.</param>
/// <param name="Crashes">How often the process died.</param>
/// <param name="Ghosts">How many of those went on working as ghosts beside their successor.</param>
/// <param name="Failures">How often an attempt ended with an error that a restart heals.</param>
public sealed record SimulationReport(int Seed, long Pieces, int Crashes, int Ghosts, int Failures)
{
    /// <summary>How many savepoints were asked for.</summary>
    public int Savepoints { get; init; }

    /// <summary>How often the job was stopped with one, and begun again.</summary>
    public int Stops { get; init; }

    /// <summary>How many attempts followed another by the job's own restart strategy.</summary>
    public int Restarts { get; init; }
}
