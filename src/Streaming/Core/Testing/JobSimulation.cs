using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Streaming.Checkpoints;

namespace DataPlatform.Streaming.Testing;

/// <summary>
/// Runs a whole job on one thread where one seed decides everything: which subtask goes next, how long the store takes, when it fails, when
/// the clock moves, when the process dies, and whether it lives on as a ghost beside its successor. The same seed replays the same run.
/// </summary>
public sealed class JobSimulation
{
    private const int ClockMovesOnceIn = 40;
    private const int ClockStepMsMax = 50;
    private const int GhostOnceIn = 3;
    private const int StoreFailsOnceIn = 400;
    private const int SavepointOnceIn = 400;

    private readonly Random _random;
    private readonly SimulationOptions _options;
    private readonly int _seed;
    private readonly ManualClock _clock = new();
    private readonly InMemoryObjectStore _store;
    private StreamJobExecution? _run;
    private StreamJobStart _start = new();
    private string? _stopsWith;
    private bool _hasStopped;
    private int _savepoints;
    private int _stops;
    private int _restarts;
    private int _storeFailures;
    private long _pieces;
    private SimulatedScheduler? _ghost;

    private JobSimulation(int seed, SimulationOptions options)
    {
        _seed = seed;
        _options = options;
        _random = new Random(seed);
        _store = new InMemoryObjectStore(_clock);
    }

    /// <summary>Runs a bounded job to its end, through crashes.</summary>
    /// <param name="seed">Decides everything.</param>
    /// <param name="build">Builds the job of one attempt from the context's clock and store; called again after each crash.</param>
    /// <param name="options">How rough it gets; defaults when null.</param>
    /// <returns>What happened.</returns>
    /// <exception cref="StreamJobException">The job failed for another reason than a simulated one, or is stuck; names the seed.</exception>
    public static SimulationReport Run(int seed, Func<SimulationContext, StreamJob> build, SimulationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(build);
        return new JobSimulation(seed, options ?? new SimulationOptions()).Run(build);
    }

    private SimulationReport Run(Func<SimulationContext, StreamJob> build)
    {
        var (crashes, ghosts, failures) = (0, 0, 0);
        for (var attempt = 1; ; attempt++)
        {
            var scheduler = new SimulatedScheduler(_random);
            var store = new SimulatedStore(_store, scheduler, StoreFailsNow);
            var job = build(new SimulationContext(scheduler, _clock, store, attempt));
            var running = RunJobAsync(job, scheduler);
            var crashAfter = crashes < _options.CrashesMax ? _random.Next(1, _options.PiecesBeforeCrashMax) : long.MaxValue;
            if (!Pump(scheduler, running, crashAfter))
            {
                crashes++;
                _ghost = _random.Next(GhostOnceIn) == 0 ? scheduler : null;
                ghosts += _ghost is null ? 0 : 1;
                continue;
            }

            if (running.IsCompletedSuccessfully)
            {
                if (!_hasStopped)
                {
                    return new SimulationReport(_seed, _pieces, crashes, ghosts, failures) { Savepoints = _savepoints, Stops = _stops, Restarts = _restarts + _run!.Restarts };
                }

                BeginAgain();
                continue;
            }

            failures++;
            var error = running.Exception?.InnerException;
            if (!IsSimulated(error) || failures > _options.FailuresMax)
            {
                throw new StreamJobException(ErrorKind.Corrupt, $"Seed {_seed}, attempt {attempt}, piece {_pieces}: {error?.Message}", error);
            }
        }
    }

    private async Task RunJobAsync(StreamJob job, SimulatedScheduler scheduler)
    {
        _restarts += _run?.Restarts ?? 0;
        (_run, _stopsWith, _hasStopped) = (null, null, false);
        var run = await job.StartAsync(scheduler, _start, CancellationToken.None).ConfigureAwait(false);

        // The savepoint that it began from is its newest checkpoint, until it has one of its own.
        (_run, _start) = (run, new StreamJobStart());
        await run.Completion.ConfigureAwait(false);
        _hasStopped = _stopsWith is not null && (await new SavepointStorage(_store, job.Name).ListAsync(CancellationToken.None).ConfigureAwait(false)).Contains(_stopsWith);
    }

    /// <summary>A job that was stopped with a savepoint is begun again, from that or from the same as a checkpoint.</summary>
    private void BeginAgain()
    {
        _stops++;
        _start = _random.Next(2) == 0 ? new StreamJobStart { Savepoint = _stopsWith } : new StreamJobStart();
    }

    /// <summary>Now and then someone takes a savepoint, or stops the job with one. Nobody waits for the answer.</summary>
    private void TakeSavepoint()
    {
        if (_run is null || _stopsWith is not null || _savepoints >= _options.SavepointsMax || _random.Next(SavepointOnceIn) != 0)
        {
            return;
        }

        var name = $"s{++_savepoints}";
        if (_random.Next(3) == 0)
        {
            _stopsWith = name;
            _ = _run.StopWithSavepointAsync(name);
        }
        else
        {
            _ = _run.TriggerSavepointAsync(name);
        }
    }

    /// <summary>
    /// A store that does not answer, a checkpoint that takes too long, and a ghost that got its checkpoint in first: all are healed by another attempt.
    /// </summary>
    private static bool IsSimulated(Exception? error)
        => error is StorageException or StreamJobException { Kind: ErrorKind.Unavailable } or StreamJobException { InnerException: StorageException } or StreamJobException { Kind: ErrorKind.Conflict } or OperationCanceledException
            or StreamJobException { InnerException: StreamJobException { InnerException: StorageException } };

    /// <returns>False when the process died.</returns>
    private bool Pump(SimulatedScheduler scheduler, Task running, long crashAfter)
    {
        for (var pieces = 0L; !running.IsCompleted; pieces++)
        {
            if (pieces >= crashAfter)
            {
                return false;
            }

            if (++_pieces > _options.PiecesMax)
            {
                throw new StreamJobException(ErrorKind.Unavailable, $"Seed {_seed}: stuck after {_pieces} pieces of work.");
            }

            if (_random.Next(ClockMovesOnceIn) == 0)
            {
                _clock.Advance(TimeSpan.FromMilliseconds(_random.Next(ClockStepMsMax)));
            }

            TakeSavepoint();
            if (_ghost is not null && _random.Next(2) == 0 && _ghost.RunOne())
            {
                continue;
            }

            if (!scheduler.RunOne())
            {
                MoveClock(running);
            }
        }

        return true;
    }

    /// <summary>Nothing can be done now, so time passes until something can.</summary>
    private void MoveClock(Task running)
    {
        if (running.IsCompleted)
        {
            return;
        }

        if (_clock.NextTimer is not { } next)
        {
            throw new StreamJobException(ErrorKind.Unavailable, $"Seed {_seed}: stuck at piece {_pieces}; nothing is ready and no timer is set.");
        }

        _clock.Advance(next > _clock.GetUtcNow() ? next - _clock.GetUtcNow() : TimeSpan.Zero);
    }

    private bool StoreFailsNow()
    {
        if (_storeFailures >= _options.StoreFailuresMax || _random.Next(StoreFailsOnceIn) != 0)
        {
            return false;
        }

        _storeFailures++;
        return true;
    }
}
