using DataPlatform.Kernel;

namespace DataPlatform.Streaming.Sinks;

/// <summary>Tells a sink writer who it is.</summary>
/// <param name="JobName">The job.</param>
/// <param name="SinkUid">The sink's uid, unique in the job and stable over its life.</param>
/// <param name="SubtaskIndex">Which of the sink's subtasks, from 0.</param>
/// <param name="Parallelism">How many subtasks the sink has.</param>
/// <param name="Attempt">Which attempt of the job this is, from 1, growing over the life of its checkpoint store: a fencing epoch.</param>
/// <param name="Time">The job's clock.</param>
public sealed record SinkWriterContext(string JobName, string SinkUid, int SubtaskIndex, int Parallelism, int Attempt, TimeProvider Time);

/// <summary>Tells a sink committer who it is.</summary>
/// <param name="JobName">The job.</param>
/// <param name="SinkUid">The sink's uid, unique in the job and stable over its life.</param>
/// <param name="Attempt">Which attempt of the job this is, from 1, growing over the life of its checkpoint store: a fencing epoch.</param>
/// <param name="Time">The job's clock.</param>
public sealed record SinkCommitterContext(string JobName, string SinkUid, int Attempt, TimeProvider Time)
{
    /// <summary>The datasets that records come from before they reach the sink: those of the sources upstream of it that have a name.</summary>
    public IReadOnlyList<LineageDataset> Inputs { get; init; } = [];
}
