using System.Text.Json.Serialization;
using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.Alerts;

/// <summary>Something that is wrong and somebody should know of: one per rule of a suite, or per incident.</summary>
/// <param name="Key">What it is about; the same trouble has the same key.</param>
/// <param name="Title">One line for people.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Detail">What was last seen.</param>
/// <param name="OpenedAt">When it was opened last, UTC.</param>
/// <param name="LastSeenAt">When it was last seen to be wrong.</param>
/// <param name="LastNotifiedAt">When a message about it was last made.</param>
/// <param name="Occurrences">How often it was seen since it was opened.</param>
/// <param name="MutedUntil">Until when it is muted; null when it is not.</param>
/// <param name="Sequence">Changes of state so far; part of each message's id, so that no message is made twice.</param>
/// <param name="Column">The column it is about, <c>*</c> for a whole dataset; null when it is about none.</param>
/// <param name="Revision">Writes so far; a store refuses an image that is not of the newest, so that two processes lose nothing.</param>
public sealed record Alert(
    string Key,
    string Title,
    Severity Severity,
    AlertState State,
    string Detail,
    DateTimeOffset OpenedAt,
    DateTimeOffset LastSeenAt,
    DateTimeOffset LastNotifiedAt,
    int Occurrences = 1,
    DateTimeOffset? MutedUntil = null,
    int Sequence = 1,
    ColumnId? Column = null,
    int Revision = 0);

/// <summary>Where an alert stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AlertState>))]
public enum AlertState
{
    /// <summary>Wrong, and nobody has said to be on it.</summary>
    Open,

    /// <summary>Wrong, and somebody is on it: no more reminders.</summary>
    Acknowledged,

    /// <summary>Wrong, and not to be spoken of for a while.</summary>
    Muted,

    /// <summary>No longer wrong.</summary>
    Resolved,
}
