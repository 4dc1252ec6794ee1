namespace DataPlatform.Quality.Alerts;

/// <summary>When messages are made and sent.</summary>
public sealed record AlertPolicy
{
    /// <summary>After how long an open alert is spoken of again; 4 h unless said otherwise.</summary>
    public TimeSpan RemindAfter { get; init; } = TimeSpan.FromHours(4);

    /// <summary>Below this severity messages wait for the next digest; warnings and worse are sent at once unless said otherwise.</summary>
    public Severity ImmediateFrom { get; init; } = Severity.Warning;

    /// <summary>How often waiting messages are sent together; 24 h unless said otherwise.</summary>
    public TimeSpan DigestEvery { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Hours in which messages wait; none unless said otherwise.</summary>
    public IReadOnlyList<QuietHours> Quiet { get; init; } = [];

    /// <summary>How long a desk has to send what it claimed before another desk may; 5 min unless said otherwise.</summary>
    public TimeSpan ClaimFor { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Attempts to send a message before it is given up, 1 to 100; 10 unless said otherwise.</summary>
    public int AttemptsMax { get; init => field = value is >= 1 and <= 100 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "1 to 100."); } = 10;

    /// <summary>The wait after a first failed attempt; doubled after each further one. 30 s unless said otherwise.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest wait between two attempts; 1 h unless said otherwise.</summary>
    public TimeSpan RetryAfterMax { get; init; } = TimeSpan.FromHours(1);

    /// <summary>When a message may first be sent.</summary>
    /// <param name="severity">Its severity.</param>
    /// <param name="at">When it was made.</param>
    public DateTimeOffset DueAt(Severity severity, DateTimeOffset at)
    {
        var due = at;
        if (severity < ImmediateFrom)
        {
            // Digests fall on multiples of their interval, so that messages of one interval meet.
            due = new DateTimeOffset((at.UtcTicks / DigestEvery.Ticks * DigestEvery.Ticks) + DigestEvery.Ticks, TimeSpan.Zero);
        }

        // The end of one quiet span may lie in another; spans that leave no hour free between them hold nothing back for ever.
        var quiet = Quiet.Where(q => severity <= q.Until).ToList();
        for (var i = 0; i <= quiet.Count; i++)
        {
            due = quiet.Aggregate(due, (at, span) => span.EndAfter(at));
        }

        return due;
    }

    /// <summary>How long to wait after a failed attempt.</summary>
    /// <param name="attempt">The attempt that failed, from 1.</param>
    public TimeSpan WaitAfter(int attempt)
        => TimeSpan.FromTicks((long)Math.Min(RetryAfter.Ticks * Math.Pow(2, attempt - 1), RetryAfterMax.Ticks));
}

/// <summary>A daily span of local time, which may reach over midnight.</summary>
/// <param name="From">Its beginning.</param>
/// <param name="To">Its end.</param>
/// <param name="Zone">The zone of both.</param>
public sealed record QuietHours(TimeOnly From, TimeOnly To, TimeZoneInfo Zone)
{
    /// <summary>The worst severity that waits; warnings unless said otherwise, so that critical messages are sent at any hour.</summary>
    public Severity Until { get; init; } = Severity.Warning;

    /// <summary>The instant itself when it is not quiet then, else when the quiet ends.</summary>
    /// <param name="instant">The instant.</param>
    public DateTimeOffset EndAfter(DateTimeOffset instant)
    {
        var local = TimeZoneInfo.ConvertTime(instant, Zone);
        var time = TimeOnly.FromDateTime(local.DateTime);
        if (!time.IsBetween(From, To))
        {
            return instant;
        }

        var day = time < To ? local.Date : local.Date.AddDays(1);
        var end = DateTime.SpecifyKind(day + To.ToTimeSpan(), DateTimeKind.Unspecified);
        while (Zone.IsInvalidTime(end))
        {
            end = end.AddMinutes(1);
        }

        return new DateTimeOffset(end, Zone.GetUtcOffset(end));
    }
}
