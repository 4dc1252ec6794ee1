using System.Globalization;
using System.Text.Json;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Conformance.Streaming;

/// <summary>Watermarks out of the event times of one split.</summary>
internal static class WatermarkJudge
{
    public static string? Run(JsonElement element)
    {
        var strategy = element.Text("strategy") switch
        {
            "bounded" => WatermarkStrategy.BoundedOutOfOrderness<long>(TimeSpan.FromMilliseconds(element.Number("bound"))),
            "monotonous" => WatermarkStrategy.Monotonous<long>(),
            "punctuated" => WatermarkStrategy.Punctuated<long>(static (mark, timeMs) => mark != 0 ? timeMs - mark : null),
            "none" => WatermarkStrategy.None<long>(),
            var other => throw new InvalidDataException($"'{other}' is no strategy."),
        };
        var generator = strategy.CreateGenerator();
        foreach (var step in element.Steps())
        {
            var times = step.GetProperty("times").EnumerateArray().Select(static t => t.GetInt64()).ToArray();
            var marks = Enumerable.Repeat(step.Number("mark"), times.Length).ToArray();
            generator.OnRecords(marks, times);
            var actual = generator.CurrentWatermarkMs == long.MinValue ? "none" : generator.CurrentWatermarkMs.ToString(CultureInfo.InvariantCulture);
            if (CaseElement.Difference(step, "the watermark", [step.Text("out")], [actual]) is { } difference)
            {
                return difference;
            }
        }

        return null;
    }
}

/// <summary>How far sources of a group may go.</summary>
internal static class AlignmentJudge
{
    public static string? Run(JsonElement element)
    {
        var group = new AlignmentGroup();
        var woken = new HashSet<int>();
        var members = Enumerable.Range(0, (int)element.Number("members")).Select(i => group.Join(() => woken.Add(i))).ToArray();
        foreach (var step in element.Steps())
        {
            woken.Clear();
            var report = step.GetProperty("report");
            members[report[0].GetInt32()].Report(report[1].ValueKind == JsonValueKind.Null ? long.MaxValue : report[1].GetInt64());
            var limit = AlignmentGroup.Limit(group.SlowestMs, element.Number("drift"));
            var wrong = CaseElement.Difference(step, "the limit", [step.Text("limit")], [limit == long.MaxValue ? "none" : limit.ToString(CultureInfo.InvariantCulture)])
                ?? (step.TryGetProperty("woken", out var expected)
                    ? CaseElement.Difference(step, "woken", expected.EnumerateArray().Select(static e => e.ToString()), woken.Order().Select(static i => i.ToString(CultureInfo.InvariantCulture)))
                    : null);
            if (wrong is { } difference)
            {
                return difference;
            }
        }

        return null;
    }
}
