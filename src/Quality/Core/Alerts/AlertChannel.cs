namespace DataPlatform.Quality.Alerts;

/// <summary>A place that messages are sent to, with what it is told and how fast.</summary>
public sealed record AlertChannel
{
    /// <summary>Makes a channel.</summary>
    /// <param name="name">Its name, by which the outbox keeps its messages: a channel that is renamed leaves them behind.</param>
    /// <param name="notifier">What sends.</param>
    public AlertChannel(string name, INotifier notifier)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(notifier);
        (Name, Notifier) = (name, notifier);
    }

    /// <summary>Its name, unique at a desk.</summary>
    public string Name { get; }

    /// <summary>What sends.</summary>
    public INotifier Notifier { get; }

    /// <summary>The least severity it is told of; all unless said otherwise.</summary>
    public Severity From { get; init; } = Severity.Info;

    /// <summary>
    /// How long an alert must stand open, with nobody on it, before this channel is told: an escalation. Zero, at once, unless said otherwise.
    /// </summary>
    public TimeSpan After { get; init => field = value >= TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Zero or more."); }

    /// <summary>Messages sent in one go at most, 1 to 10,000; 20 unless said otherwise. What is beyond is sent together in one message.</summary>
    public int Burst { get; init => field = value is >= 1 and <= 10_000 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "1 to 10,000."); } = 20;

    /// <summary>
    /// How long until one more may be sent; 30 s unless said otherwise. The store counts, so that desks of several processes hold the rate together;
    /// they must agree on it.
    /// </summary>
    public TimeSpan RefillEvery { get; init => field = value > TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Above zero."); } = TimeSpan.FromSeconds(30);

    /// <summary><see cref="Burst"/> and <see cref="RefillEvery"/>.</summary>
    internal ChannelRate Rate => new(Burst, RefillEvery);
}
