using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using DataPlatform.Orchestrator.Dags;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>How long to wait before a retry. Pure: the draw comes from a stable hash of what is retried.</summary>
public static class RetryDelay
{
    /// <summary>Computes the wait: exponential, then jittered, then capped.</summary>
    /// <param name="backoff">The task's setting.</param>
    /// <param name="failures">Failures since the task was last cleared; 1 or more. Clearing does not make waits grow without bound.</param>
    /// <param name="draw">A number in [0, 1); see <see cref="Draw"/>.</param>
    public static TimeSpan Of(Backoff backoff, int failures, double draw)
    {
        ArgumentNullException.ThrowIfNull(backoff);
        ArgumentOutOfRangeException.ThrowIfLessThan(failures, 1);
        var cap = backoff.Cap ?? Backoff.DefaultCap;
        var plain = backoff.Base.TotalMilliseconds * Math.Pow(Math.Max(backoff.Multiplier, 1), Math.Min(failures - 1, 1_000));
        plain = Math.Min(plain, TimeSpan.MaxValue.TotalMilliseconds / 4);
        var jittered = backoff.Jitter switch
        {
            JitterMode.None => plain,
            JitterMode.Equal => plain * (0.5 + (draw / 2)),
            JitterMode.Full => plain * draw,
            JitterMode.Deterministic => plain * (1 + draw),
            _ => throw new UnreachableException($"unknown jitter {backoff.Jitter}"),
        };
        return jittered >= cap.TotalMilliseconds ? cap : TimeSpan.FromMilliseconds(jittered);
    }

    /// <summary>A number in [0, 1) that is the same in every process for the same task, date, failure and seed.</summary>
    /// <param name="dagId">The DAG.</param>
    /// <param name="taskId">The task.</param>
    /// <param name="logicalDate">The run's logical date.</param>
    /// <param name="attempt">Which attempt.</param>
    /// <param name="seed">The engine's seed; 0 for <see cref="JitterMode.Deterministic"/>.</param>
    public static double Draw(string dagId, string taskId, DateTimeOffset logicalDate, int attempt, int seed)
    {
        var name = $"{dagId}\n{taskId}\n{logicalDate.UtcTicks}\n{attempt}\n{seed}";
        return (BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(name))) >> 11) * (1.0 / (1UL << 53));
    }
}
