using System.Diagnostics;
using DataPlatform.Streaming;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.Runtime;
using DataPlatform.Streaming.State;

namespace DataPlatform.Benchmarks.Streaming;

/// <summary>A context for state without a job.</summary>
internal static class StateBench
{
    public const int MaxParallelism = 128;

    public static OperatorContext Context(StateBackend backend) => new(
        "bench", "bench", "bench", 0, 1, 1, new KeyGroupRange(
            0,
            MaxParallelism - 1), new StreamJobOptions { StateBackend = backend, MaxParallelism = MaxParallelism }, new Clock(), static () => { });

    public static double SecondsOf(Action action)
    {
        var started = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private sealed class Clock : ITimerService
    {
        public long NowMs => Environment.TickCount64;

        public void Register(long atMs, Action<long> callback)
        {
        }
    }
}
