using DataPlatform.Kernel;

namespace DataPlatform.Quality;

/// <summary>One run of a suite over one version of a table.</summary>
public sealed record SuiteResult
{
    /// <summary>The run, unique; the key under which a store keeps it.</summary>
    public required string RunId { get; init; }

    /// <summary>The suite's name.</summary>
    public required string Suite { get; init; }

    /// <summary>The table, as the suite names it.</summary>
    public required string Table { get; init; }

    /// <summary>The version every query of the run read; null for a relation without versions.</summary>
    public DatasetVersion? Version { get; init; }

    /// <summary>When the run began, UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>A verdict per rule, in the suite's order.</summary>
    public required IReadOnlyList<Verdict> Verdicts { get; init; }

    /// <summary>
    /// What rules are in single partitions, of a run by kept states over a table that has partitions; empty otherwise. At most
    /// <see cref="Profiles.FoldedStates.PartitionsMax"/> partitions, those written to last.
    /// </summary>
    public IReadOnlyList<PartitionVerdict> Partitions { get; init; } = [];

    /// <summary>The queries it cost.</summary>
    public required QueryCounts Queries { get; init; }

    /// <summary>Whether no critical rule failed or erred.</summary>
    public bool Passed => !Verdicts.Any(v => v.Blocks);

    /// <summary>The verdicts that close a gate.</summary>
    public IEnumerable<Verdict> Blocking => Verdicts.Where(v => v.Blocks);

    /// <summary>Failures below critical: to look at, not to stop for.</summary>
    public IEnumerable<Verdict> Warnings => Verdicts.Where(v => v.Outcome == Outcome.Fail && v.Severity == Severity.Warning);

    /// <summary>The verdict of a rule.</summary>
    /// <param name="ruleId">The rule's id.</param>
    /// <exception cref="KeyNotFoundException">No such rule ran.</exception>
    public Verdict this[string ruleId] => Verdicts.FirstOrDefault(v => v.RuleId == ruleId)
        ?? throw new KeyNotFoundException($"Run '{RunId}' of suite '{Suite}' has no rule '{ruleId}'.");

    /// <summary>Returns when <see cref="Passed"/>, throws otherwise.</summary>
    /// <exception cref="GateFailedException">A critical rule failed or erred.</exception>
    public SuiteResult EnsurePassed() => Passed ? this : throw new GateFailedException(this);
}
