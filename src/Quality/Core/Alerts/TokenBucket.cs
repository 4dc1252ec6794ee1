namespace DataPlatform.Quality.Alerts;

/// <summary>How many messages may be sent: full at first, refilled one at a time. A store keeps it, so that all who send share it.</summary>
/// <param name="Tokens">Messages that could be sent at <paramref name="RefilledAt"/>.</param>
/// <param name="RefilledAt">When it was last refilled, UTC.</param>
internal readonly record struct TokenBucket(int Tokens, DateTimeOffset RefilledAt)
{
    /// <summary>The bucket of a channel that never sent.</summary>
    public static TokenBucket Full(ChannelRate rate, DateTimeOffset now) => new(rate.Burst, now);

    /// <summary>Takes tokens.</summary>
    /// <param name="wanted">How many at most.</param>
    /// <param name="rate">The channel's rate.</param>
    /// <param name="now">The time.</param>
    /// <returns>The bucket afterwards, and how many were taken.</returns>
    public (TokenBucket Left, int Taken) Take(int wanted, ChannelRate rate, DateTimeOffset now)
    {
        var bucket = Refilled(rate, now);
        var taken = Math.Clamp(wanted, 0, bucket.Tokens);
        return (bucket with { Tokens = bucket.Tokens - taken }, taken);
    }

    /// <summary>Puts back tokens that were not used.</summary>
    public TokenBucket Return(int unused, ChannelRate rate) => this with { Tokens = Math.Min(rate.Burst, Tokens + unused) };

    private TokenBucket Refilled(ChannelRate rate, DateTimeOffset now)
    {
        // A clock that is behind, or was put back, refills nothing and takes nothing away.
        var refills = Math.Max(0, (now - RefilledAt).Ticks / rate.RefillEvery.Ticks);
        return Tokens + refills >= rate.Burst
            ? new TokenBucket(rate.Burst, now > RefilledAt ? now : RefilledAt)
            : new TokenBucket(Tokens + (int)refills, RefilledAt + (rate.RefillEvery * refills));
    }
}
