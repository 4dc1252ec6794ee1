namespace DataPlatform.Quality;

/// <summary>How many queries a run of a suite sent, by what they were for.</summary>
/// <param name="Scans">Passes over the table for all simple measures together: 1 for most suites.</param>
/// <param name="Groupings">One per set of key columns that must be unique.</param>
/// <param name="References">One per pair of child and parent columns, and one per other relation that is measured.</param>
/// <param name="Customs">One per custom SQL rule.</param>
/// <param name="Samples">One per failed rule whose rows can be shown; each stops at the sample's size.</param>
/// <param name="Repeats">Queries sent again in halves because one expression in them failed; part of none of the numbers above.</param>
/// <param name="Values">One per column of few values whose conditions are asked of each value once, instead of each row.</param>
/// <param name="PartsLive">Parts the version consists of, where the run folded kept states: data files.</param>
/// <param name="PartsRead">Of those, the parts that were read; the others were answered from states or statistics.</param>
/// <param name="PartBytesRead">Bytes of the parts that were read.</param>
public sealed record QueryCounts(
    int Scans = 0, int Groupings = 0, int References = 0, int Customs = 0, int Samples = 0, int Repeats = 0, int Values = 0, int PartsLive = 0, int PartsRead = 0, long PartBytesRead = 0)
{
    /// <summary>All queries over data; reading a part counts as one.</summary>
    public int Total => Scans + Groupings + References + Customs + Samples + Repeats + Values + PartsRead;
}
