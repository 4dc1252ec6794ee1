using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.Testing;
using DataPlatform.Streaming.Windows;

namespace DataPlatform.Streaming.Tests.Windows;

/// <summary>Sessions with an aggregate have an operator of their own: it must do what the general one does.</summary>
public sealed class SessionWindowTests
{
    [Fact]
    public void Sessions_with_an_aggregate_equal_those_of_the_general_operator()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var lateness = random.Next(3) * 15;
            var (fast, general) = (Harness(lateness, general: false), Harness(lateness, general: true));
            var (fastLate, generalLate) = (fast.Collect(Late), general.Collect(Late));
            var nowMs = 0L;
            for (var step = 0; step < 120; step++)
            {
                Act(random, ref nowMs, fast, general);
                Assert.True(Sorted(fast).SequenceEqual(Sorted(general)), $"seed {seed}, step {step}: [{string.Join(", ", Sorted(fast))}] instead of [{string.Join(", ", Sorted(general))}]");
                Assert.Equal(generalLate, fastLate);
                _ = (fast.TakeResults(), general.TakeResults());
            }
        }
    }

    [Fact]
    public void A_gap_that_each_record_sets_makes_its_session_longer()
    {
        var harness = new StreamHarness<long, string>(static (_, input) => input.KeyBy(static _ => 0).Window(SessionWindows.OfEventTime<long>(static n => TimeSpan.FromMilliseconds(n)))
            .Aggregate("sum", "sum", new Sum(), static (_, window, sum) => $"{window} {sum}"));
        harness.Push(5, 0);
        harness.Push(100, 3);
        harness.Push(1, 90);
        harness.Push(7, 104);
        harness.Watermark(1000);

        Assert.Equal(["[0, 103) 106", "[104, 111) 7"], harness.Results.Select(static r => r.Value));
    }

    private static readonly OutputTag<long> Late = new("late");

    private static void Act(Random random, ref long nowMs, params StreamHarness<long, string>[] harnesses)
    {
        switch (random.Next(12))
        {
            case < 8:
                var (record, timeMs) = (random.Next(1, 100), nowMs + random.Next(-40, 30));
                Array.ForEach(harnesses, h => h.Push(record, timeMs));
                break;
            case < 11:
                nowMs += random.Next(12);
                var watermarkMs = nowMs - 10;
                Array.ForEach(harnesses, h => h.Watermark(watermarkMs));
                break;
            default:
                Array.ForEach(harnesses, static h =>
                {
                    h.Checkpoint();
                    h.Restart();
                });
                break;
        }
    }

    private static IEnumerable<string> Sorted(StreamHarness<long, string> harness) => harness.Results.Select(static r => $"{r.Value}@{r.EventTimeMs}").Order(StringComparer.Ordinal);

    private static StreamHarness<long, string> Harness(int latenessMs, bool general) => new((_, input) =>
    {
        var windows = input.KeyBy(static n => n % 2).Window(SessionWindows.OfEventTime<long>(TimeSpan.FromMilliseconds(10)))
            .AllowedLateness(TimeSpan.FromMilliseconds(latenessMs)).SideOutputLateData(Late);
        return (general ? windows.Trigger(Triggers.EventTime<long>()) : windows).Aggregate("sum", "sum", new Sum(), static (key, window, sum) => $"{key} {window} {sum}");
    });

    private sealed class Sum : IAggregateFunction<long, long, long>
    {
        public long CreateAccumulator() => 0;

        public void Add(ref long accumulator, long record) => accumulator += record;

        public void Merge(ref long accumulator, in long other) => accumulator += other;

        public long GetResult(in long accumulator) => accumulator;
    }
}
