using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Diagnostics;
using DataPlatform.Streaming.Operators;

namespace DataPlatform.Streaming.Runtime;

/// <content>What can be seen from outside, without stopping anything.</content>
internal sealed partial class JobAttempt
{
    public string JobName => _job.Name;

    public JobSnapshot Snapshot() => new(
        _job.Name,
        Number,
        [.. _subtasks.SelectMany(s => s.Operators.Reverse().Select(o => Describe(s, o)))
            .OrderBy(o => _job.Graph.Nodes.First(n => n.Name.Equals(o.Name, StringComparison.Ordinal)).Id).ThenBy(static o => o.SubtaskIndex)],
        _restored?.Manifest.CheckpointId,
        Coordinator.Last,
        Coordinator.FailedCheckpoints);

    /// <summary>Why event time is where it is at an operator.</summary>
    public WatermarkExplanation Explain(string operatorName)
    {
        var asked = _subtasks.Where(s => s.Vertex.Nodes.Any(n => n.Name.Equals(operatorName, StringComparison.Ordinal))).ToList();
        if (asked.Count == 0)
        {
            throw new ArgumentException($"Job '{_job.Name}' has no operator '{operatorName}'.", nameof(operatorName));
        }

        var path = new List<SubtaskExplanation>();
        var seen = new HashSet<Subtask>(asked);
        var next = new Queue<Subtask>(asked);
        while (next.TryDequeue(out var subtask))
        {
            var explanation = subtask.Explain();
            path.Add(explanation);
            for (var i = 0; i < explanation.Inputs.Count; i++)
            {
                // Where nothing counts, all that is silent is the reason.
                var holds = explanation.Inputs[i].HoldsBack || (explanation.IsIdle && explanation.Inputs[i].State == InputState.Idle);
                if (holds && subtask.Gate!.Channels[i].Sender is Subtask sender && seen.Add(sender))
                {
                    next.Enqueue(sender);
                }
            }
        }

        return new WatermarkExplanation(operatorName, asked.Min(static s => s.Operators[^1].CurrentWatermarkMs), path);
    }

    private OperatorSnapshot Describe(Subtask subtask, StreamOperator described)
    {
        var counters = described.Counters;
        var watermarkMs = Volatile.Read(ref counters.WatermarkMs);
        return new OperatorSnapshot(
            described.Context.Name,
            described.Context.Uid,
            subtask.Index,
            Volatile.Read(ref counters.RecordsIn),
            Volatile.Read(ref counters.RecordsOut),
            Volatile.Read(ref counters.LateRecords),
            Volatile.Read(ref counters.FailedRecords),
            watermarkMs,
            counters.IsIdle,
            subtask.BackPressuredSteps)
        {
            BytesIn = Volatile.Read(ref counters.BytesIn),
            BytesOut = Volatile.Read(ref counters.BytesOut),
            StateBytes = Volatile.Read(ref counters.StateBytes),
            WatermarkLag = watermarkMs is long.MinValue or long.MaxValue
                ? null
                : TimeSpan.FromMilliseconds(_job.Options.Time.GetUtcNow().ToUnixTimeMilliseconds() - (double)watermarkMs),
            Busy = subtask.Load.Busy,
            Idle = subtask.Load.Idle,
            BackPressured = subtask.Load.BackPressured,
        };
    }

    /// <summary>Notes how large the state of a subtask's operators is in what has just been written.</summary>
    private static void MeasureState(Subtask subtask, SubtaskAck written)
    {
        foreach (var measured in subtask.Operators)
        {
            var uid = measured.Context.Uid;
            var sections = written.Sections.Where(s => s.OperatorUid.Equals(uid, StringComparison.Ordinal)).Sum(static s => (long)s.Section.Length);
            var files = written.Databases.Where(d => d.OperatorUid.Equals(uid, StringComparison.Ordinal)).Sum(static d => d.Database.Files.Sum(static f => f.Length));
            Volatile.Write(ref measured.Counters.StateBytes, sections + files);
        }
    }
}
