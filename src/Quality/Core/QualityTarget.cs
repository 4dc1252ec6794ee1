using DataPlatform.Kernel;
using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality;

/// <summary>The relation a suite runs over, and what its rules are told about it.</summary>
/// <param name="Relation">The relation's name in the runner's catalog: a table or a view.</param>
/// <param name="Version">The version the relation is pinned to; null where there are no versions.</param>
public sealed record QualityTarget(string Relation, DatasetVersion? Version = null)
{
    /// <summary>Where a rule's reference table lies in the catalog; a name that is not listed stands for itself.</summary>
    public IReadOnlyDictionary<string, string> References { get; init; } = new Dictionary<string, string>();

    /// <summary>References of distribution rules by name.</summary>
    public IReadOnlyDictionary<string, DistributionReference> Distributions { get; init; } = new Dictionary<string, DistributionReference>();

    /// <summary>The columns of the version before; null where they are not known.</summary>
    public TableShape? PreviousShape { get; init; }

    /// <summary>Kept states of the relation's parts; null has everything read.</summary>
    public IPartStates? States { get; init; }

    /// <summary>
    /// Kept states of other relations that rules look into, by the name rules use: for one, the version before. What they answer is not read there; the
    /// relation need only have its columns until <see cref="OpenReference"/> is called.
    /// </summary>
    public IReadOnlyDictionary<string, IPartStates> ReferenceStates { get; init; } = new Dictionary<string, IPartStates>();

    /// <summary>
    /// Called once for a relation of <see cref="ReferenceStates"/>, before it is read; null when all are whole from the beginning. A
    /// <see cref="MetricException"/> of it is an error of the rules that needed the relation.
    /// </summary>
    public Func<string, CancellationToken, ValueTask>? OpenReference { get; init; }

    /// <summary>Why the relation cannot be opened at all; null when it can. Every rule is an error then, and says so.</summary>
    public string? Unavailable { get; init; }

    /// <summary>Rows of the relation to draw in place of all of them, in one scan; null for all.</summary>
    public int? SampleRows { get; init; }

    /// <summary>
    /// Called once, before the whole relation is read for the first time; until then it need only have its columns. Where kept states answer
    /// everything it is never called, and no part but the new ones is opened. A <see cref="MetricException"/> of it is an error of the rules that
    /// needed the whole.
    /// </summary>
    public Func<CancellationToken, ValueTask>? OpenWhole { get; init; }

    /// <summary>When the newest data was committed, as the lake's log tells; null where nobody knows.</summary>
    public DateTimeOffset? CommittedAt { get; init; }

    /// <summary>
    /// The day or instant the data is about: the place of this run's points in their series, so that a re-run replaces them. Null takes
    /// <see cref="CommittedAt"/>, else the run's start.
    /// </summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>The catalog name of a reference table.</summary>
    /// <param name="reference">The name a rule uses.</param>
    public string ReferenceRelation(string reference) => References.GetValueOrDefault(reference, reference);
}
