using System.Globalization;
using System.Text.Json;
using DataPlatform.Streaming;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Testing;
using DataPlatform.Streaming.Time;
using DataPlatform.Streaming.Windows;

namespace DataPlatform.Conformance.Streaming;

/// <summary>A record of the window cases.</summary>
internal readonly record struct Sample(string Key, long Value)
{
    public static IStateSerializer<Sample> Serializer { get; } = StateSerializer.Create(
        "sample/1",
        static (writer, value) =>
        {
            writer.WriteString(value.Key);
            writer.WriteInt64(value.Value);
        },
        static (ref StateReader reader) => new Sample(reader.ReadString(), reader.ReadInt64()),
        isImmutable: true);
}

/// <summary>
/// Windows through the operator harness. Where a case asks for nothing special it runs twice: by slices with an aggregate, and by the general
/// operator that keeps records; both must give the same.
/// </summary>
internal static class WindowJudge
{
    public static string? Run(JsonElement element)
    {
        var general = Run(element, aggregated: false);
        var plain = element.Text("window") is "tumbling" or "sliding" or "session" && element.Text("trigger").Length == 0 && element.Text("evictor").Length == 0;
        return general ?? (plain ? Run(element, aggregated: true) : null);
    }

    private static string? Run(JsonElement element, bool aggregated)
    {
        var late = new OutputTag<Sample>("late");
        var harness = new StreamHarness<Sample, string>(
            (_, input) => Describe(element, input, late, aggregated),
            static options => options.Serializers.Register(Sample.Serializer).Register(JoinAggregate.Serializer));
        var lateOut = harness.Collect(late);
        var seenLate = 0;
        foreach (var step in element.Steps())
        {
            Do(harness, step);
            var results = harness.TakeResults().Select(static r => r.Value).Order(StringComparer.Ordinal);
            var lates = lateOut.Skip(seenLate).Select(static r => $"{r.Value.Key}@{r.EventTimeMs}={r.Value.Value}").ToList();
            seenLate = lateOut.Count;
            var wrong = CaseElement.Difference(step, aggregated ? "out (aggregated)" : "out", step.Texts("out").Order(StringComparer.Ordinal), results)
                ?? CaseElement.Difference(step, "late", step.Texts("late"), lates);
            if (wrong is { } difference)
            {
                return difference;
            }
        }

        return null;
    }

    private static void Do(StreamHarness<Sample, string> harness, JsonElement step)
    {
        if (step.TryGetProperty("record", out var record))
        {
            harness.Push(new Sample(record[0].GetString()!, record[2].GetInt64()), record[1].GetInt64());
        }
        else if (step.TryGetProperty("watermark", out var watermark))
        {
            harness.Watermark(watermark.GetInt64());
        }
        else if (step.TryGetProperty("clock", out var by))
        {
            harness.AdvanceClock(TimeSpan.FromMilliseconds(by.GetInt64()));
        }
        else
        {
            harness.Checkpoint();
            harness.Restart();
        }
    }

    private static DataStream<string> Describe(JsonElement element, DataStream<Sample> input, OutputTag<Sample> late, bool aggregated)
    {
        var keyed = input.KeyBy(static s => s.Key);
        var windows = Window(element, keyed).AllowedLateness(Ms(element.Number("lateness"))).SideOutputLateData(late);
        windows = Triggered(element.Text("trigger"), windows);
        windows = element.Text("evictor").Split(':') switch
        {
            ["count", var n] => windows.Evictor(Evictors.Count<Sample>(int.Parse(n, CultureInfo.InvariantCulture))),
            ["time", var n] => windows.Evictor(Evictors.Time<Sample>(Ms(long.Parse(n, CultureInfo.InvariantCulture)))),
            _ => windows,
        };
        return aggregated
            ? windows.Aggregate("window", "window", new JoinAggregate(), static (key, window, values) => Format(key, window, values))
            : windows.Process<string>("window", "window", static (context, records, output)
                => output.Collect(Format(context.Key, context.Window, string.Join('+', records.Select(static r => r.Value.Value)))));
    }

    private static WindowedStream<string, Sample> Window(JsonElement element, KeyedStream<string, Sample> keyed)
    {
        var (size, slide, offset) = (Ms(element.Number("size")), Ms(element.Number("slide", element.Number("size"))), Ms(element.Number("offset")));
        var processing = element.Text("domain") == "processing";
        return element.Text("window") switch
        {
            "session" when element.Text("gap") == "value" => keyed.Window(SessionWindows.OfEventTime<Sample>(static s => Ms(s.Value))),
            "session" => keyed.Window(processing ? SessionWindows.OfProcessingTime<Sample>(Ms(element.Number("gap"))) : SessionWindows.OfEventTime<Sample>(Ms(element.Number("gap")))),
            "count" when element.TryGetProperty("slide", out var by) => keyed.CountWindow((int)element.Number("size"), by.GetInt64()),
            "count" => keyed.CountWindow(element.Number("size")),
            "global" => keyed.Window(GlobalWindows.Instance),
            _ => keyed.Window(processing ? SlidingWindows.OfProcessingTime(size, slide, offset) : SlidingWindows.OfEventTime(size, slide, offset)),
        };
    }

    private static WindowedStream<string, Sample> Triggered(string trigger, WindowedStream<string, Sample> windows)
    {
        var parts = trigger.Split(':');
        var n = parts.Length > 1 ? long.Parse(parts[1], CultureInfo.InvariantCulture) : 0;
        return parts[0] switch
        {
            "count" => windows.Trigger(Triggers.Count<Sample>(n)),
            "purging-count" => windows.Trigger(Triggers.Purging(Triggers.Count<Sample>(n))),
            "continuous" => windows.Trigger(Triggers.Continuous<Sample>(Ms(n), TimeDomain.EventTime)),
            "early-late-count" => windows.Trigger(Triggers.EarlyAndLate(Triggers.Count<Sample>(n), Triggers.Count<Sample>(n))),
            "continuous-processing" => windows.Trigger(Triggers.Continuous<Sample>(Ms(n), TimeDomain.ProcessingTime)),
            "early-count" => windows.Trigger(Triggers.EarlyAndLate(Triggers.Count<Sample>(n), null)),
            "" => windows,
            _ => throw new InvalidDataException($"'{trigger}' is no trigger."),
        };
    }

    private static string Format(string key, TimeWindow window, string values)
        => window.StartMs == long.MinValue ? $"{key}[*]={values}" : $"{key}[{window.StartMs},{window.EndMs})={values}";

    private static TimeSpan Ms(long ms) => TimeSpan.FromMilliseconds(ms);

    /// <summary>Puts the values one after the other, so that a wrong order or a value counted twice shows.</summary>
    private sealed class JoinAggregate : IAggregateFunction<Sample, JoinAggregate.Values, string>
    {
        public static IStateSerializer<Values> Serializer { get; } = StateSerializer.Create(
            "values/1", static (writer, value) => writer.WriteString(value.Text ?? string.Empty), static (ref StateReader reader) => new Values(reader.ReadString()), isImmutable: true);

        public Values CreateAccumulator() => default;

        public void Add(ref Values accumulator, Sample record) => Merge(ref accumulator, new Values(record.Value.ToString(CultureInfo.InvariantCulture)));

        public void Merge(ref Values accumulator, in Values other)
            => accumulator = string.IsNullOrEmpty(accumulator.Text) ? other : new Values($"{accumulator.Text}+{other.Text}");

        public string GetResult(in Values accumulator) => accumulator.Text!;

        public readonly record struct Values(string? Text);
    }
}
