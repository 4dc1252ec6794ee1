using System.Globalization;
using System.Text.Json;
using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Conformance.Streaming;

/// <summary>Combining watermarks.</summary>
internal static class ValveJudge
{
    public static string? Run(JsonElement element)
    {
        var valve = new WatermarkValve();
        for (var input = element.Number("inputs"); input > 0; input--)
        {
            valve.Add();
        }

        foreach (var step in element.Steps())
        {
            var rises = step.TryGetProperty("watermark", out var watermark) ? valve.Watermark(watermark[0].GetInt32(), watermark[1].GetInt64())
                : step.TryGetProperty("idle", out var idle) ? valve.Status(idle.GetInt32(), idle: true)
                : step.TryGetProperty("active", out var active) ? valve.Status(active.GetInt32(), idle: false)
                : valve.Finish(step.GetProperty("finish").GetInt32());
            var given = rises ? valve.CurrentMs.ToString(CultureInfo.InvariantCulture) : string.Empty;
            if (CaseElement.Difference(step, "the watermark", [step.Text("out")], [given]) is { } difference)
            {
                return difference;
            }

            if (step.TryGetProperty("allIdle", out var all) && all.GetBoolean() != valve.IsIdle)
            {
                return $"after {step.GetRawText()}: idle is {valve.IsIdle}";
            }
        }

        return null;
    }
}

/// <summary>Aligning barriers.</summary>
internal static class BarrierJudge
{
    public static string? Run(JsonElement element)
    {
        var inputs = (int)element.Number("inputs");
        bool[]? canRecord = element.TryGetProperty("canRecord", out var flags) ? [.. flags.EnumerateArray().Select(static f => f.GetBoolean())] : null;
        var aligner = new BarrierAligner(inputs, canRecord);
        foreach (var step in element.Steps())
        {
            var taken = Do(aligner, step);
            if (taken != step.Flag("taken"))
            {
                return $"after {step.GetRawText()}: taken is {taken}";
            }

            if ((Inputs(step, "blocked", inputs, aligner.IsBlocked) ?? Inputs(step, "recording", inputs, aligner.IsRecording)) is { } difference)
            {
                return difference;
            }
        }

        return null;
    }

    private static bool Do(BarrierAligner aligner, JsonElement step)
    {
        if (step.TryGetProperty("barrier", out var barrier))
        {
            return aligner.Barrier(barrier[0].GetInt32(), barrier[1].GetInt64());
        }

        if (step.TryGetProperty("overtake", out var overtake))
        {
            return aligner.Overtake(overtake.GetInt64());
        }

        if (step.TryGetProperty("recorded", out var recorded))
        {
            aligner.Recorded(recorded.GetInt32());
        }
        else
        {
            aligner.Cancel(step.Number("cancel"));
        }

        return false;
    }

    private static string? Inputs(JsonElement step, string what, int inputs, Func<int, bool> holds) => step.TryGetProperty(what, out var expected)
        ? CaseElement.Difference(
            step,
            what,
            expected.EnumerateArray().Select(static e => e.ToString()),
            Enumerable.Range(0, inputs).Where(holds).Select(static i => i.ToString(CultureInfo.InvariantCulture)))
        : null;
}

/// <summary>Where keys belong.</summary>
internal static class KeyGroupJudge
{
    public static string? Run(JsonElement element)
    {
        var serializers = new StateSerializers();
        var key = element.Text("key");
        var hash = element.Text("type") switch
        {
            "long" => KeyHashers.Create(serializers.Get<long>()).Hash(long.Parse(key, CultureInfo.InvariantCulture)),
            "int" => KeyHashers.Create(serializers.Get<int>()).Hash(int.Parse(key, CultureInfo.InvariantCulture)),
            _ => KeyHashers.Create(serializers.Get<string>()).Hash(key),
        };
        var (max, parallelism) = ((int)element.Number("max"), (int)element.Number("parallelism"));
        var group = KeyGroups.GroupOf(hash, max);
        var subtask = KeyGroups.SubtaskOf(group, parallelism, max);
        return hash == element.Number("hash") && group == element.Number("group") && subtask == element.Number("subtask")
            && KeyGroups.RangeOf(subtask, parallelism, max).Contains(group)
            ? null
            : $"hash {hash}, group {group}, subtask {subtask}";
    }
}
