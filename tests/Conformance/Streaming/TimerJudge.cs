using System.Globalization;
using System.Text.Json;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Testing;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Conformance.Streaming;

/// <summary>What a timer or state case asks a keyed function to do.</summary>
internal readonly record struct Command(string What, string Key, long Number);

/// <summary>Timers of keyed functions.</summary>
internal static class TimerJudge
{
    private static readonly string[] Commands = ["register", "delete", "registerProcessing"];

    public static string? Run(JsonElement element) => Judge(element, () => new TimerFunction(), static step =>
    {
        var what = Array.Find(Commands, c => step.TryGetProperty(c, out _));
        return what is null ? null : new Command(what, step.GetProperty(what)[0].GetString()!, step.GetProperty(what)[1].GetInt64());
    });

    /// <summary>Runs a scripted keyed function through the harness.</summary>
    public static string? Judge(JsonElement element, Func<KeyedProcessFunction<string, Command, string>> create, Func<JsonElement, Command?> read)
    {
        var harness = new StreamHarness<Command, string>((_, input) => input.KeyBy(static c => c.Key).Process("scripted", "scripted", create));
        foreach (var step in element.Steps())
        {
            if (read(step) is { } command)
            {
                harness.Push(command, 0);
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

            if (CaseElement.Difference(step, "out", step.Texts("out"), harness.TakeResults().Select(static r => r.Value)) is { } difference)
            {
                return difference;
            }
        }

        return null;
    }

    private sealed class TimerFunction : KeyedProcessFunction<string, Command, string>
    {
        // The harness begins at 2000-01-01.
        private const long StartMs = 946_684_800_000;

        public override void Process(Command record, KeyedContext<string, string> context)
        {
            switch (record.What)
            {
                case "register":
                    context.RegisterEventTimer(record.Number);
                    break;
                case "delete":
                    context.DeleteEventTimer(record.Number);
                    break;
                default:
                    context.RegisterProcessingTimer(StartMs + record.Number);
                    break;
            }
        }

        public override void OnTimer(long timeMs, TimeDomain domain, KeyedContext<string, string> context) => context.Collect(
            domain == TimeDomain.EventTime
                ? string.Create(CultureInfo.InvariantCulture, $"{context.Key}@{timeMs}{(context.WatermarkMs >= timeMs ? "" : "!")}")
                : string.Create(CultureInfo.InvariantCulture, $"{context.Key}@{timeMs - StartMs}p"));
    }
}

/// <summary>State that expires: the same script over a value, a list, a map and a fold.</summary>
internal static class TtlJudge
{
    public static string? Run(JsonElement element)
    {
        var ttl = new StateTtl(TimeSpan.FromMilliseconds(element.Number("lifetime"))) { RefreshOnRead = element.Flag("refreshOnRead"), ReturnExpired = element.Flag("returnExpired") };
        foreach (var kind in new[] { "value", "map", "reducing" })
        {
            if (TimerJudge.Judge(element, () => new TtlFunction(kind, ttl), Read) is { } difference)
            {
                return $"{kind}: {difference}";
            }
        }

        return null;
    }

    private static Command? Read(JsonElement step)
        => step.TryGetProperty("put", out var put) ? new Command("put", put[0].GetString()!, put[1].GetInt64())
            : step.TryGetProperty("read", out var read) ? new Command("read", read.GetString()!, 0)
            : null;

    private sealed class TtlFunction(string kind, StateTtl ttl) : KeyedProcessFunction<string, Command, string>
    {
        private IValueState<long> _value = null!;
        private IMapState<string, long> _map = null!;
        private IReducingState<long> _reducing = null!;

        public override void Open(IKeyedStates states)
        {
            _value = states.Value<long>("value", ttl);
            _map = states.Map<string, long>("map", ttl);
            _reducing = states.Reducing<long>("reducing", static (_, added) => added, ttl);
        }

        public override void Process(Command record, KeyedContext<string, string> context)
        {
            if (record.What == "put")
            {
                _value.Update(record.Number);
                _map.Put("entry", record.Number);
                _reducing.Add(record.Number);
                return;
            }

            long found = 0;
            var exists = kind switch
            {
                "value" => _value.TryGet(out found),
                "map" => _map.TryGet("entry", out found),
                _ => _reducing.TryGet(out found),
            };
            context.Collect($"{context.Key}={(exists ? found.ToString(CultureInfo.InvariantCulture) : "none")}");
        }
    }
}
