namespace DataPlatform.Orchestrator.Metadata;

/// <summary>Dates of a backfill by where they are. Together they are all its dates.</summary>
/// <param name="Pending">Wait for their turn.</param>
/// <param name="Running">Their runs go.</param>
/// <param name="Succeeded">Their runs ended well.</param>
/// <param name="Failed">Their runs failed or were cancelled.</param>
/// <param name="Skipped">Were left out.</param>
public readonly record struct BackfillProgress(int Pending, int Running, int Succeeded, int Failed, int Skipped)
{
    /// <summary>All dates.</summary>
    public int Total => Pending + Running + Succeeded + Failed + Skipped;

    /// <summary>Dates that need nothing more.</summary>
    public int Done => Succeeded + Failed + Skipped;
}
