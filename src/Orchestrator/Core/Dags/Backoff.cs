namespace DataPlatform.Orchestrator.Dags;

/// <summary>How long to wait before a failed task is tried again: <c>Base * Multiplier^(failures-1)</c>, jittered, then capped.</summary>
/// <param name="Base">The delay after the first failure. Zero or more.</param>
/// <param name="Multiplier">Growth by failure, 1 or more; 1 keeps the delay constant.</param>
/// <param name="Cap">The longest delay, applied after the jitter.</param>
/// <param name="Jitter">How the delay is spread.</param>
public sealed record Backoff(TimeSpan Base, double Multiplier = 2.0, TimeSpan? Cap = null, JitterMode Jitter = JitterMode.Equal)
{
    /// <summary>The cap where none is given.</summary>
    public static readonly TimeSpan DefaultCap = TimeSpan.FromHours(1);

    /// <summary>One second, doubling, at most an hour, half jittered.</summary>
    public static Backoff Default { get; } = new(TimeSpan.FromSeconds(1));

    /// <summary>The same delay each time, without jitter.</summary>
    /// <param name="delay">The delay.</param>
    public static Backoff Constant(TimeSpan delay) => new(delay, 1.0, null, JitterMode.None);

    /// <summary>Growing delay.</summary>
    /// <param name="first">The delay after the first failure.</param>
    /// <param name="cap">The longest delay; null for <see cref="DefaultCap"/>.</param>
    /// <param name="jitter">How the delay is spread.</param>
    public static Backoff Exponential(TimeSpan first, TimeSpan? cap = null, JitterMode jitter = JitterMode.Equal) =>
        new(first, 2.0, cap, jitter);
}
