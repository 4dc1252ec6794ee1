using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Catalog;
using DataPlatform.Quality.Lineage;
using DataPlatform.Quality.Rules.Documents;
using DataPlatform.Quality.Web.Views;

namespace DataPlatform.Quality.Web.Routes;

/// <summary>The overview as the API tells it.</summary>
internal sealed record OverviewBody(
    int Tables, OutcomeCounts Rules, IReadOnlyList<DomainState> Domains, IReadOnlyList<DayCounts> Days, IReadOnlyList<RuleState> Worst, IReadOnlyList<TableState> Stale,
    IReadOnlyList<RuleState> Late, IReadOnlyList<IncidentRow> Incidents)
{
    public static OverviewBody Of(OverviewView view) => new(view.Tables, view.Rules, view.Domains, view.Days, view.Worst.Rules, view.Stale, view.Late, view.Incidents);
}

/// <summary>A series as the API tells it. JSON has no infinities: a side without a limit is null.</summary>
/// <remarks>Without a rule that judges it, the verdicts are those of default settings.</remarks>
internal sealed record SeriesBody(string Series, string Label, string Unit, string? Rule, IReadOnlyList<PointBody> Points)
{
    public static SeriesBody Of(MetricHistory metric)
        => new(metric.Series, metric.Label, metric.Unit, metric.Rule?.Key.ToString(), [.. metric.Verdicts.Select(PointBody.Of)]);
}

/// <summary>A judged point.</summary>
internal sealed record PointBody(
    DateTimeOffset At, double? Value, AnomalyState State, PointFeedback Feedback, double? Centre, double? Lower, double? Upper, double? Score, int Violations, bool IsAlert)
{
    public static PointBody Of(AnomalyVerdict v) => new(
        v.Point.At, Finite(v.Point.Value), v.State, v.Point.Feedback, Finite(v.Centre), Finite(v.Lower), Finite(v.Upper), Finite(v.Score), v.Violations, v.IsAlert);

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}

/// <summary>What is said of a point.</summary>
internal sealed record FeedbackBody(string Series, DateTimeOffset At, PointFeedback Says);

/// <summary>What is done to an incident: <c>acknowledge</c>, <c>mute</c> (for some hours) or <c>resolve</c>.</summary>
internal sealed record ActionBody(string Do, double? Hours, string? Reason);

/// <summary>What is said of two columns.</summary>
internal sealed record AnnotationBody(ColumnId Source, ColumnId Target, LineageAnnotationKind Kind, string? Reason);

/// <summary>The text of a suite, with its notation (<c>json</c> unless said otherwise) and rows of a sample.</summary>
internal sealed record SuiteBody(string Text, string? Notation, int? SampleRows, string? Reason, int? BaseVersion);

/// <summary>What is wrong with a text.</summary>
internal sealed record CheckBody(string? Suite, string? Table, int Rules, IReadOnlyList<SuiteProblem> Problems);

/// <summary>A suggested rule.</summary>
internal sealed record SuggestionBody(System.Text.Json.Nodes.JsonObject Rule, string Reason);

/// <summary>What was done, in a sentence.</summary>
internal sealed record DoneBody(string Said);
