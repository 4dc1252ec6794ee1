using DataPlatform.Streaming.Testing;

namespace DataPlatform.Streaming.Tests;

/// <summary>Runs a job on the test's own thread until nothing is left to do, by a clock that the test moves.</summary>
internal sealed class SteppedJob
{
    private readonly SimulatedScheduler _scheduler = new(random: null);

    public ManualClock Clock { get; } = new();

    public StreamJobExecution Run { get; private set; } = null!;

    public async Task StartAsync(StreamJob job)
    {
        var starting = job.StartAsync(_scheduler, new StreamJobStart(), TestContext.Current.CancellationToken);
        Settle();
        Run = await starting;
        Settle();
    }

    public void Advance(TimeSpan by)
    {
        Clock.Advance(by);
        Settle();
    }

    /// <summary>Goes on until a task has ended, which may wait for the thread pool in between.</summary>
    public async Task UntilAsync(Task task)
    {
        while (!task.IsCompleted)
        {
            Settle();
            await Task.Yield();
        }

        await task;
    }

    public void Settle()
    {
        while (_scheduler.RunOne())
        {
        }
    }
}
