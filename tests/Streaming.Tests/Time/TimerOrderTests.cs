using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.Testing;
using DataPlatform.Streaming.Time;
using DataPlatform.Streaming.Windows;

namespace DataPlatform.Streaming.Tests.Time;

public sealed class TimerOrderTests
{
    [Fact]
    public void Timers_fire_before_the_watermark_is_passed_on()
    {
        var harness = new StreamHarness<long, string>(static (_, input) => input.KeyBy(static n => n).Process("timers", "timers", static () => new At())
            .Process<string>(static (text, context) => context.Collect(context.WatermarkMs < context.TimestampMs ? text : $"{text} came after its watermark"), "next"));
        harness.Push(30, 0);
        harness.Push(10, 0);
        harness.Watermark(20);
        harness.Watermark(35);

        Assert.Equal([new TimedResult<string>("10", 10), new TimedResult<string>("30", 30)], harness.Results);
    }

    [Fact]
    public void Windows_over_the_results_of_windows_of_the_same_size_lose_nothing()
    {
        var harness = new StreamHarness<long, string>(static (_, input) => input.KeyBy(static n => n % 2).Window(TumblingWindows.OfEventTime(TimeSpan.FromMilliseconds(10)))
            .Reduce("first", "first", static (a, b) => a + b, static (_, _, sum) => sum)
            .WindowAll(TumblingWindows.OfEventTime(TimeSpan.FromMilliseconds(10))).Reduce("second", "second", static (a, b) => a + b, static (_, window, sum) => $"{window} {sum}"));
        foreach (var number in Enumerable.Range(0, 25))
        {
            harness.Push(number, number);
            harness.Watermark(number);
        }

        harness.Complete();
        Assert.Equal(["[0, 10) 45", "[10, 20) 145", "[20, 30) 110"], harness.Results.Select(static r => r.Value));
    }

    private sealed class At : KeyedProcessFunction<long, long, string>
    {
        public override void Process(long record, KeyedContext<long, string> context) => context.RegisterEventTimer(record);

        public override void OnTimer(long timeMs, TimeDomain domain, KeyedContext<long, string> context) => context.Collect($"{timeMs}");
    }
}
