using System.Globalization;
using System.Text.Json;
using DataPlatform.Streaming.Checkpoints;

namespace DataPlatform.Conformance.Streaming;

/// <summary>What is committed when notifications are lost, late or subsumed, over checkpoints that fail and attempts that end.</summary>
internal static class CommitJudge
{
    public static string? Run(JsonElement element)
    {
        var output = new UncommittedOutput([]);
        var stored = new SortedDictionary<long, IReadOnlyList<SinkState>>();
        foreach (var step in element.Steps())
        {
            IReadOnlyList<SinkState> committed = [];
            if (step.TryGetProperty("prepare", out var prepare))
            {
                output.Add("sink", prepare[0].GetInt64(), new[] { prepare[1].GetByte() });
            }
            else if (step.TryGetProperty("complete", out var complete))
            {
                stored[complete.GetInt64()] = output.UpTo(complete.GetInt64());
            }
            else if (step.TryGetProperty("notify", out var notify))
            {
                output.Committed(committed = output.UpTo(notify.GetInt64()));
            }
            else
            {
                // The new attempt knows what the newest manifest says, and commits that before anything else.
                output = new UncommittedOutput(stored.Count == 0 ? [] : stored[stored.Keys.Max()]);
                output.Committed(committed = output.UpTo(long.MaxValue));
            }

            var actual = committed.SelectMany(static s => s.Epochs).Select(static e => string.Create(
                CultureInfo.InvariantCulture, $"{e.CheckpointId}:{string.Join(',', e.Committables.Select(static c => c.Span[0]))}"));
            if (CaseElement.Difference(step, "committed", step.Texts("out"), actual) is { } difference)
            {
                return difference;
            }
        }

        return null;
    }
}
