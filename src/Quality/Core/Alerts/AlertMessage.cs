namespace DataPlatform.Quality.Alerts;

/// <summary>Something to be sent about an alert.</summary>
/// <param name="Id">Unique per change of an alert's state: a receiver may drop what it has seen.</param>
/// <param name="Key">The alert.</param>
/// <param name="Kind">What happened to it.</param>
/// <param name="Title">One line for people.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="Detail">What was seen.</param>
/// <param name="At">When it was made, UTC.</param>
/// <param name="DueAt">When it may be sent.</param>
/// <param name="Attempts">Failed attempts so far.</param>
/// <param name="Channel">Where it is to be sent, by the channel's name; with the id it is the outbox's key.</param>
public sealed record AlertMessage(
    string Id,
    string Key,
    AlertMessageKind Kind,
    string Title,
    Severity Severity,
    string Detail,
    DateTimeOffset At,
    DateTimeOffset DueAt,
    int Attempts = 0,
    string Channel = "");

/// <summary>What happened to an alert.</summary>
public enum AlertMessageKind
{
    /// <summary>It is new, or wrong again.</summary>
    Opened,

    /// <summary>It is still wrong, or worse.</summary>
    Reminded,

    /// <summary>It is right again.</summary>
    Resolved,
}
