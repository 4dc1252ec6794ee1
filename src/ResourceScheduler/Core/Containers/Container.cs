using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Nodes;

namespace DataPlatform.ResourceScheduler.Containers;

/// <summary>A placed container until it has ended.</summary>
internal sealed class Container(long id, Ask ask, Node node, int task, long placedAtMs)
{
    public long Id { get; } = id;

    public Ask Ask { get; } = ask;

    public Node Node { get; } = node;

    public int Task { get; } = task;

    public long PlacedAtMs { get; } = placedAtMs;

    public bool IsSpeculative { get; init; }

    /// <summary>Which GPU devices it holds a part of, and how much of each; null without GPU.</summary>
    public (int Device, int Millis)[]? Devices { get; set; }

    public bool IsStopping { get; set; }

    /// <summary>It was asked to make room for others, so its end counts as preemption.</summary>
    public bool IsVictim { get; set; }

    /// <summary>Another attempt of its task was done first, so its end counts for nothing.</summary>
    public bool IsSuperseded { get; set; }

    /// <summary>It would have to go for a gang that is being planned.</summary>
    public bool IsPlanned { get; set; }

    public long KillAtMs { get; set; }

    public ResourceVector Resources => Ask.Definition.Resources;

    public Application Application => Ask.Application;

    public long ExpectedEndMs => Ask.Definition.ExpectedRunMs > 0 ? PlacedAtMs + Ask.Definition.ExpectedRunMs : long.MaxValue;
}
