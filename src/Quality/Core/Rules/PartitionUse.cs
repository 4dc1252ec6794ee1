namespace DataPlatform.Quality.Rules;

/// <summary>What the rows of one partition alone are to a rule.</summary>
internal enum PartitionUse
{
    /// <summary>Nothing: it looks at other rows too, or at the past.</summary>
    None,

    /// <summary>A value: its limits are about the whole table, so that a small partition breaks nothing.</summary>
    Value,

    /// <summary>A verdict: what holds for all rows of the table holds for those of each partition.</summary>
    Verdict,
}
