using DataPlatform.Streaming.Runtime;

namespace DataPlatform.Streaming.Testing;

/// <summary>
/// Runs everything of a job on the thread that calls <see cref="RunOne"/>, one piece at a time, in an order that a seed decides; without a
/// seed, in the order in which it came. With a store and sinks that wait by <see cref="PauseAsync"/>, a run is a function of its seed.
/// </summary>
internal sealed class SimulatedScheduler(Random? random) : IJobScheduler
{
    private const int StepsPerTurnMax = 4;
    private readonly Lock _gate = new();
    private readonly List<Action> _ready = [];

    public int StepsPerTurn => random?.Next(1, StepsPerTurnMax + 1) ?? StepsPerTurnMax;

    public bool IsFree => false;

    public int ReadyCount
    {
        get
        {
            lock (_gate)
            {
                return _ready.Count;
            }
        }
    }

    public void Schedule(Actor actor) => Add(actor.Execute);

    public void RunBackground(Func<Task> work) => Add(() => _ = work());

    /// <summary>Lets anything else happen first.</summary>
    public Task PauseAsync()
    {
        // Continues on the thread of the simulation, inside the turn that was drawn for it.
        var resume = new TaskCompletionSource();
        Add(resume.SetResult);
        return resume.Task;
    }

    /// <summary>Runs one piece.</summary>
    /// <returns>False when there is none.</returns>
    public bool RunOne()
    {
        Action next;
        lock (_gate)
        {
            if (_ready.Count == 0)
            {
                return false;
            }

            var drawn = random?.Next(_ready.Count) ?? 0;
            next = _ready[drawn];
            _ready.RemoveAt(drawn);
        }

        next();
        return true;
    }

    private void Add(Action piece)
    {
        lock (_gate)
        {
            _ready.Add(piece);
        }
    }
}
