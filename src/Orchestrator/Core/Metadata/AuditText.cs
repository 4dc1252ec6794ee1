namespace DataPlatform.Orchestrator.Metadata;

/// <summary>Keeps texts of the audit log to their length.</summary>
public static class AuditText
{
    /// <summary>A text, cut where it is too long.</summary>
    /// <param name="text">The text.</param>
    /// <param name="lengthMax">The longest that is kept, in characters.</param>
    public static string Cut(string text, int lengthMax)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length <= lengthMax ? text : string.Concat(text.AsSpan(0, lengthMax - 1), "…");
    }
}
