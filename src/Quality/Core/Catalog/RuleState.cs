using DataPlatform.Kernel;

namespace DataPlatform.Quality.Catalog;

/// <summary>A rule as its newest verdict left it.</summary>
/// <param name="Number">The store's own number of the rule; never reused.</param>
/// <param name="Key">The rule.</param>
/// <param name="Table">The table it is about.</param>
/// <param name="Verdict">The newest verdict, without its sample.</param>
/// <param name="RunId">The run that gave it.</param>
/// <param name="Version">The version it is about; null for a relation without versions.</param>
/// <param name="At">When that run began, UTC.</param>
/// <param name="Since">Since when the outcome has been the same, UTC.</param>
public sealed record RuleState(
    long Number, RuleKey Key, string Table, Verdict Verdict, string RunId, DatasetVersion? Version, DateTimeOffset At, DateTimeOffset Since)
{
    /// <summary>How urgent it is, 0 the most: what stops a gate, failed warnings, other failures, errors, no data, what holds.</summary>
    public int Rank => RankOf(Verdict);

    /// <summary>The rank of a verdict, see <see cref="Rank"/>.</summary>
    /// <param name="verdict">The verdict.</param>
    public static int RankOf(Verdict verdict)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        return verdict switch
        {
            { Blocks: true } => 0,
            { Outcome: Outcome.Fail, Severity: Severity.Warning } => 1,
            { Outcome: Outcome.Fail } => 2,
            { Outcome: Outcome.Error } => 3,
            { Outcome: Outcome.NoData } => 4,
            _ => 5,
        };
    }
}
