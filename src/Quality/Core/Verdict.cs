namespace DataPlatform.Quality;

/// <summary>The judgement on one rule in one run.</summary>
public sealed record Verdict
{
    /// <summary>The rule's stable id.</summary>
    public required string RuleId { get; init; }

    /// <summary>The rule in words, for example <c>delay is between -60 and 720</c>.</summary>
    public required string Rule { get; init; }

    /// <summary>The kind of rule, for example <c>range</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>How much a failure matters.</summary>
    public required Severity Severity { get; init; }

    /// <summary>What became of it.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>One sentence: what was seen, or why nothing could be.</summary>
    public required string Message { get; init; }

    /// <summary>The measured number the rule is about, where there is one; exact for counts, culture-free text.</summary>
    public string? Observed { get; init; }

    /// <summary>Rows (or groups, for schema rules columns) that break the rule; null where the rule does not count any.</summary>
    public long? Violations { get; init; }

    /// <summary>Rows looked at, after the rule's filter; null where the rule looks at no rows.</summary>
    public long? Evaluated { get; init; }

    /// <summary>Some of the violating rows; empty where there are none or none can be shown.</summary>
    public RowSample Sample { get; init; } = RowSample.Empty;

    /// <summary>Whom to ask, as the rule says.</summary>
    public string? Owner { get; init; }

    /// <summary>
    /// What the verdict was made from, as JSON, where that is more than the numbers above: the baseline of an anomaly, the counts of a
    /// distribution. It can be shown, and replayed; see <see cref="Anomalies.AnomalyEvidence"/>.
    /// </summary>
    public string? Evidence { get; init; }

    /// <summary>The rule's labels, as the rule says.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Whether a gate must stop here: a critical rule that failed or could not be measured.</summary>
    public bool Blocks => Severity == Severity.Critical && Outcome is Outcome.Fail or Outcome.Error;
}
