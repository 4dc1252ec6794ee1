namespace DataPlatform.Quality.Alerts;

/// <summary>Decides which messages are sent alone and which together. Pure.</summary>
internal static class ChannelPlan
{
    /// <param name="messages">What is due at a channel.</param>
    /// <param name="tokens">How many times the channel may send now, at least 1.</param>
    /// <param name="immediateFrom">Messages below this severity share one digest.</param>
    /// <returns>What to send, the worst first; every message is in one batch.</returns>
    public static IReadOnlyList<AlertMessage[]> Of(IReadOnlyList<AlertMessage> messages, int tokens, Severity immediateFrom)
    {
        var batches = messages.Where(m => m.Severity >= immediateFrom)
            .OrderByDescending(m => m.Severity).ThenBy(m => m.At).ThenBy(m => m.Id, StringComparer.Ordinal)
            .Select(m => new[] { m }).ToList();
        if (messages.Where(m => m.Severity < immediateFrom).ToArray() is { Length: > 0 } digest)
        {
            batches.Add(digest);
        }

        return batches.Count <= tokens ? batches : [.. batches.Take(tokens - 1), [.. batches.Skip(tokens - 1).SelectMany(b => b)]];
    }
}
