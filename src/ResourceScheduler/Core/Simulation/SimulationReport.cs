using System.Text.Json;
using DataPlatform.ResourceScheduler.Diagnostics;

namespace DataPlatform.ResourceScheduler.Simulation;

/// <summary>The state at one sampled moment.</summary>
/// <param name="TimeMs">Virtual time.</param>
/// <param name="Utilisation">The largest used fraction of any resource.</param>
/// <param name="Running">Containers that run.</param>
/// <param name="Pending">Containers that wait.</param>
/// <param name="LeafShares">What each leaf holds, as a fraction of the cluster.</param>
public sealed record SimulationSample(long TimeMs, double Utilisation, int Running, int Pending, IReadOnlyDictionary<string,
    double> LeafShares);

/// <summary>What became of one queue.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Waits">How long its containers waited.</param>
/// <param name="UsedShareSeconds">The fraction of the cluster it held, summed over time.</param>
/// <param name="DeficitShareSeconds">What it was short of its fair share while it waited, summed over time.</param>
public sealed record QueueOutcome(string Path, WaitStatistics Waits, double UsedShareSeconds, double DeficitShareSeconds);

/// <summary>What a simulation showed. Times are virtual.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Nodes">Nodes.</param>
/// <param name="Jobs">Jobs of the trace.</param>
/// <param name="Finished">Jobs that finished.</param>
/// <param name="Placed">Containers placed.</param>
/// <param name="Refused">Requests refused.</param>
/// <param name="Preempted">Containers stopped for others.</param>
/// <param name="EndMs">When the last event happened.</param>
/// <param name="Events">Events applied.</param>
/// <param name="WaitSeconds">Waits of containers.</param>
/// <param name="Slowdown">Time in the system over the time the job needs alone.</param>
/// <param name="Utilisation">The mean over time of the largest used fraction of any resource.</param>
/// <param name="PendingAtEnd">Containers that still wait: what never found room.</param>
/// <param name="Queues">What became of each queue.</param>
/// <param name="Samples">The course of it.</param>
public sealed record SimulationReport(
    int Seed, int Nodes, int Jobs, int Finished, int Placed, int Refused, int Preempted, long EndMs, long Events,
    Distribution WaitSeconds, Distribution Slowdown, double Utilisation, int PendingAtEnd,
    IReadOnlyList<QueueOutcome> Queues, IReadOnlyList<SimulationSample> Samples)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>How fairly the users of each leaf were treated.</summary>
    public IReadOnlyList<FairnessRecord> Users { get; init; } = [];

    /// <summary>Why what waits still waits, where the simulation was stopped on the way.</summary>
    public IReadOnlyList<PendingExplanation> Explanations { get; init; } = [];

    /// <summary>What scaling did and cost; null without it.</summary>
    public ScalingReport? Scaling { get; init; }

    /// <summary>The report as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>The report as one self-contained HTML page with charts.</summary>
    /// <param name="title">The title of the page.</param>
    public string ToHtml(string title) => SimulationPage.Render(this, title);
}
