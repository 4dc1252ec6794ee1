namespace DataPlatform.Streaming;

/// <summary>Says whether and when a failed attempt of a job is followed by another. Pure: a function of when attempts failed.</summary>
/// <remarks>
/// Never asked after a cancellation, when another instance of the job has taken over, or when a checkpoint does not fit the job: another attempt
/// would end the same way.
/// </remarks>
public abstract record RestartStrategy
{
    private protected RestartStrategy()
    {
    }

    /// <summary>A failed attempt ends the job.</summary>
    public static RestartStrategy None { get; } = new NoRestart();

    /// <summary>So many further attempts, each after the same time.</summary>
    /// <param name="restarts">How many, 0 or more.</param>
    /// <param name="delay">How long after a failure.</param>
    public static RestartStrategy FixedDelay(int restarts, TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(restarts, 0);
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        return new FixedDelayRestart(restarts, delay);
    }

    /// <summary>Another attempt as long as failures are rare enough.</summary>
    /// <param name="failuresMax">How many failures there may be in the interval, at least 1.</param>
    /// <param name="interval">The interval, which ends at the failure at hand.</param>
    /// <param name="delay">How long after a failure.</param>
    public static RestartStrategy FailureRate(int failuresMax, TimeSpan interval, TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(failuresMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        return new FailureRateRestart(failuresMax, interval, delay);
    }

    /// <summary>Another attempt without end, each after a longer time, until attempts hold again.</summary>
    /// <param name="initial">After the first failure; more than zero.</param>
    /// <param name="longest">The time does not grow beyond it.</param>
    /// <param name="multiplier">By how much it grows, at least 1.</param>
    /// <param name="resetAfter">An attempt that held this long makes the time begin anew.</param>
    /// <param name="jitter">Which part of the time, up or down, is left to chance, so that jobs do not restart together; 0 to 1.</param>
    /// <param name="restartsMax">How many further attempts in a row there are at most; null for no limit.</param>
    public static RestartStrategy ExponentialDelay(
        TimeSpan initial, TimeSpan longest, double multiplier = 2, TimeSpan? resetAfter = null, double jitter = 0.1, int? restartsMax = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(initial, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(longest, initial);
        ArgumentOutOfRangeException.ThrowIfLessThan(multiplier, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(jitter, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(jitter, 1);
        return new ExponentialDelayRestart(initial, longest, multiplier, resetAfter ?? TimeSpan.FromHours(1), jitter, restartsMax);
    }

    /// <summary>Decides after a failure.</summary>
    /// <param name="failures">When attempts failed, oldest first; the last is the failure at hand.</param>
    /// <param name="chance">A number from 0 to 1 that jitter is taken from.</param>
    /// <returns>How long to wait; null for no further attempt.</returns>
    public abstract TimeSpan? Decide(IReadOnlyList<DateTimeOffset> failures, double chance);

    private sealed record NoRestart : RestartStrategy
    {
        public override TimeSpan? Decide(IReadOnlyList<DateTimeOffset> failures, double chance) => null;
    }

    private sealed record FixedDelayRestart(int Restarts, TimeSpan Delay) : RestartStrategy
    {
        public override TimeSpan? Decide(IReadOnlyList<DateTimeOffset> failures, double chance) => failures.Count <= Restarts ? Delay : null;
    }

    private sealed record FailureRateRestart(int FailuresMax, TimeSpan Interval, TimeSpan Delay) : RestartStrategy
    {
        public override TimeSpan? Decide(IReadOnlyList<DateTimeOffset> failures, double chance)
            => failures.Count(f => f > failures[^1] - Interval) <= FailuresMax ? Delay : null;
    }

    private sealed record ExponentialDelayRestart(
        TimeSpan Initial, TimeSpan Longest, double Multiplier, TimeSpan ResetAfter, double Jitter, int? RestartsMax) : RestartStrategy
    {
        public override TimeSpan? Decide(IReadOnlyList<DateTimeOffset> failures, double chance)
        {
            var (delay, inARow) = (Initial, 1);
            for (var i = 1; i < failures.Count; i++)
            {
                // The attempt after a failure began when its delay was over.
                if (failures[i] - failures[i - 1] - delay >= ResetAfter)
                {
                    (delay, inARow) = (Initial, 1);
                }
                else
                {
                    delay = delay * Multiplier < Longest ? delay * Multiplier : Longest;
                    inARow++;
                }
            }

            return inARow > RestartsMax ? null : delay * (1 + (Jitter * ((2 * chance) - 1)));
        }
    }
}
