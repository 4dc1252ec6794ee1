using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Testing;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Tests.Operators;

public sealed class ConnectedStreamTests
{
    [Fact]
    public void Two_streams_share_the_state_and_timers_of_their_keys_also_over_a_restart()
    {
        var harness = new TwoInputStreamHarness<string, long, string>(static (_, orders, payments) => orders.KeyBy(static o => o).Connect(payments.KeyBy(static p => $"o{p}"))
            .Process("match", "match", static () => new Match()));
        harness.PushFirst("o1", 10);
        harness.PushSecond(2, 11);
        harness.Checkpoint();
        harness.Restart();
        harness.PushSecond(1, 20);
        harness.PushFirst("o3", 30);
        harness.Watermark(119);
        Assert.Equal(["o1 paid"], harness.TakeResults().Select(static r => r.Value));
        harness.Watermark(130);

        Assert.Equal([new TimedResult<string>("o3 unpaid", 130)], harness.Results);
    }

    [Fact]
    public void Rules_reach_all_subtasks_and_survive_a_restart_at_another_parallelism()
    {
        var parallelism = 3;
        var harness = new TwoInputStreamHarness<long, string, string>(
            (_, numbers, rules) => numbers.KeyBy(static n => n).ConnectBroadcast(rules).Process("rules", "rules", static () => new Tag()),
            options => options.Parallelism = parallelism);
        harness.PushSecond("odd", 0);
        harness.PushSecond("even", 0);
        foreach (var number in Enumerable.Range(0, 10))
        {
            harness.PushFirst(number, number);
        }

        Assert.Equal(Enumerable.Range(0, 10).Select(static n => $"{n}:1 {(n % 2 == 0 ? "even" : "odd")}").Order(StringComparer.Ordinal), Sorted(harness));
        harness.Checkpoint();
        parallelism = 2;
        harness.Restart();
        harness.PushSecond("-odd", 0);
        foreach (var number in Enumerable.Range(0, 10))
        {
            harness.PushFirst(number, number);
        }

        Assert.Equal(Enumerable.Range(0, 10).Where(static n => n % 2 == 0).Select(static n => $"{n}:2 even").Order(StringComparer.Ordinal), Sorted(harness));
    }

    private static IEnumerable<string> Sorted(TwoInputStreamHarness<long, string, string> harness) => harness.TakeResults().Select(static r => r.Value).Order(StringComparer.Ordinal);

    /// <summary>Orders and payments; what is not paid after 100 ms is told.</summary>
    private sealed class Match : KeyedCoProcessFunction<string, string, long, string>
    {
        private IValueState<bool> _paid = null!;

        public override void Open(IKeyedStates states) => _paid = states.Value<bool>("paid");

        public override void ProcessFirst(string record, KeyedContext<string, string> context)
        {
            _paid.Update(_paid.TryGet(out var paid) && paid);
            context.RegisterEventTimer(context.TimestampMs + 100);
        }

        public override void ProcessSecond(long record, KeyedContext<string, string> context)
        {
            if (_paid.TryGet(out _))
            {
                context.DeleteEventTimer(110);
                context.Collect($"{context.Key} paid");
            }

            _paid.Update(true);
        }

        public override void OnTimer(long timeMs, TimeDomain domain, KeyedContext<string, string> context)
            => context.Collect($"{context.Key} {(_paid.TryGet(out var paid) && paid ? "paid late" : "unpaid")}");
    }

    /// <summary>Counts a number and tells it when a rule names its kind.</summary>
    private sealed class Tag : KeyedBroadcastFunction<long, long, string, string, bool, string>
    {
        private IReducingState<long> _count = null!;

        public override void Open(IKeyedStates states) => _count = states.Reducing<long>("count", static (a, b) => a + b);

        public override void Process(long record, IReadOnlyDictionary<string, bool> rules, KeyedContext<long, string> context)
        {
            _count.Add(1);
            var kind = record % 2 == 0 ? "even" : "odd";
            if (rules.ContainsKey(kind) && _count.TryGet(out var count))
            {
                context.Collect($"{record}:{count} {kind}");
            }
        }

        public override void ProcessBroadcast(string rule, IDictionary<string, bool> rules)
        {
            if (rule.StartsWith('-'))
            {
                rules.Remove(rule[1..]);
            }
            else
            {
                rules[rule] = true;
            }
        }
    }
}
