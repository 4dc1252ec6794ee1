namespace DataPlatform.Quality;

/// <summary>What a rule is in one partition of its table, by the rows of that partition alone.</summary>
/// <param name="RuleId">The rule's stable id.</param>
/// <param name="Partition">The partition, for example <c>day=2001-01-31</c>.</param>
/// <param name="Outcome">What became of it; null where the rule is about the whole table and the partition has a value only, such as its rows.</param>
public sealed record PartitionVerdict(string RuleId, string Partition, Outcome? Outcome)
{
    /// <summary>The measured number, where there is one; exact for counts, culture-free text.</summary>
    public string? Observed { get; init; }

    /// <summary>Rows of the partition that break the rule; null where the rule does not count any.</summary>
    public long? Violations { get; init; }

    /// <summary>Rows of the partition looked at, after the rule's filter; null where the rule looks at no rows.</summary>
    public long? Evaluated { get; init; }

    /// <summary>Some of the violating rows, taken when the partition was read; empty where there are none or none were taken.</summary>
    public RowSample Sample { get; init; } = RowSample.Empty;

    /// <summary>The share of rows that break the rule, 0 to 1; null where rows are not counted.</summary>
    public double? ViolationShare => Violations is { } bad && Evaluated is > 0 and var all ? (double)bad / all : null;
}
