using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Rules;

/// <summary>One expectation on a table: which metrics it needs and how it judges them.</summary>
public abstract class QualityRule
{
    private protected QualityRule(RuleSettings settings) => Settings = settings;

    /// <summary>
    /// A stable id: a hash of the table, the kind, the parameters and the filter. Severity, threshold, name, owner and tags are no part of it.
    /// </summary>
    public string Id { get; internal set; } = string.Empty;

    /// <summary>The kind, for example <c>range</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>The rule in words: its own name, or what it demands.</summary>
    public string Description => Settings.Name ?? (Settings.Filter is null ? Demand : $"{Demand}, where {Settings.Filter}");

    /// <summary>Severity, filter, threshold and the rest.</summary>
    public RuleSettings Settings { get; }

    /// <summary>The table's columns it names; empty for free SQL.</summary>
    public virtual IReadOnlyList<string> Columns => [];

    /// <summary>The condition on single rows, where the rule is about those.</summary>
    public virtual RowCondition? Condition => null;

    /// <summary>What it needs measured; empty when the catalog's columns are enough.</summary>
    public abstract IReadOnlyList<Metric> Metrics { get; }

    /// <summary>The metric whose rows can be shown when the rule fails; null when there is none.</summary>
    internal virtual Metric? SampleMetric => null;

    /// <summary>The demand in words, without the filter.</summary>
    internal abstract string Demand { get; }

    /// <summary>A text equal for rules with equal parameters only.</summary>
    internal abstract string Parameters { get; }

    /// <summary>Relations besides the table, with the columns needed there.</summary>
    internal virtual IReadOnlyList<(string Relation, IReadOnlyList<string> Columns)> References => [];

    /// <summary>Columns that must exist before anything is measured.</summary>
    internal virtual IReadOnlyList<string> RequiredColumns => Columns;

    /// <summary>Why the rule makes no sense for these columns, which all exist; null when it does.</summary>
    internal virtual string? Incompatibility(TableShape shape) => null;

    /// <summary>Why the rule cannot be judged over what it is given; null when it can.</summary>
    internal virtual string? Unmet(QualityTarget target, TableShape shape) => null;

    /// <summary>What it needs measured over a target that brings something of its own along, for example bins of a reference.</summary>
    internal virtual IReadOnlyList<Metric> MetricsFor(QualityTarget target) => Metrics;

    /// <summary>The result of the rule's test, where it is one: its p-value belongs to the family of all tests of the run.</summary>
    internal virtual DriftResult? Test(MetricValues values, QualityTarget target) => null;

    /// <summary>What must be measured besides, now that the first values are known; nothing for most rules.</summary>
    internal virtual IReadOnlyList<Metric> FollowUps(MetricValues values) => [];

    /// <summary>What the rows of one partition alone are to this rule; nothing unless the rule says otherwise.</summary>
    internal virtual PartitionUse OnPartition => PartitionUse.None;

    /// <summary>What a sample of rows is to this rule; nothing sound unless the rule says otherwise.</summary>
    internal virtual SampleUse OnSample => SampleUse.Unsound;

    /// <summary>Why a sample says nothing sound, in words that follow "on a sample".</summary>
    internal virtual string UnsoundSince => "what a few rows show says nothing about the rest";

    /// <summary>What is measured of a sample of so many rows.</summary>
    internal virtual IReadOnlyList<Metric> SampledMetrics(int rows) => [];

    /// <summary>Judges what was measured of a sample.</summary>
    internal virtual Judgement JudgeSample(MetricValues values, SampleFacts facts)
        => throw new QualityException(Kernel.ErrorKind.Corrupt, $"A rule of kind {Kind} was given a sample.");

    /// <summary>Series whose past the rule is judged by.</summary>
    internal virtual string? SeriesIn(string table) => null;

    /// <summary>Judges measured values, none of which is missing.</summary>
    internal abstract Judgement Judge(MetricValues values, RuleContext context);
}
