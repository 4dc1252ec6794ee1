namespace DataPlatform.Orchestrator.Metadata;

/// <summary>Which entries of the audit log to list, newest first.</summary>
public sealed record AuditQuery
{
    /// <summary>Only about this DAG; null for all.</summary>
    public string? DagId { get; init; }

    /// <summary>Only about this run; null for all.</summary>
    public long? RunId { get; init; }

    /// <summary>Only by this actor; null for all.</summary>
    public string? Actor { get; init; }

    /// <summary>Only entries with a smaller number: the last one of the page before. Null for the first page.</summary>
    public long? BeforeId { get; init; }

    /// <summary>Entries in a page, 1 to <see cref="IRunHistory.LimitMax"/>; 100 by default.</summary>
    public int Limit
    {
        get;
        init => field = value is >= 1 and <= IRunHistory.LimitMax ? value : throw new ArgumentOutOfRangeException(
            nameof(value), value, $"1 to {IRunHistory.LimitMax}.");
    } = 100;
}
