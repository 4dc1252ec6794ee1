using DataPlatform.Kernel;

namespace DataPlatform.Quality.Catalog;

/// <summary>A table as the newest verdicts of its rules leave it.</summary>
/// <param name="Table">The table.</param>
/// <param name="Rules">Its rules by outcome.</param>
/// <param name="LastRunAt">When it was last looked at, UTC.</param>
/// <param name="LastRunId">The run that did.</param>
/// <param name="Version">The version that run was about; null for a relation without versions.</param>
public sealed record TableState(string Table, OutcomeCounts Rules, DateTimeOffset LastRunAt, string LastRunId, DatasetVersion? Version)
{
    /// <summary>The table's domain.</summary>
    public string Domain => TableDomain.Of(Table);
}
