using System.Globalization;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Schedules;
using DataPlatform.Orchestrator.Scheduling;

namespace DataPlatform.Conformance.Orchestrator;

/// <summary>Every case of a kind. Prints <c>kind: N passed, N failed</c> and names each failure.</summary>
public sealed class ConformanceTests
{
    private static readonly Lazy<IReadOnlyList<Case>> Cases = new(Case.Read);

    private static readonly string[] Scenarios = ["catchup", "clear", "skip", "mapping", "group", "sensor", "dataset", "backfill", "teardown", "past", "pool"];

    [Fact]
    public Task Trigger_rules() => RunAsync("trigger_rule", item => Task.FromResult(TriggerRule(item)));

    [Fact]
    public Task Trigger_pairs() => RunAsync("trigger_pair", item => Task.FromResult(TriggerPair(item)));

    [Fact]
    public Task Crons() => RunAsync("cron", item => Task.FromResult(Cron(item)));

    [Fact]
    public Task Retries() => RunAsync("retry", item => Task.FromResult(Retry(item)));

    [Theory]
    [InlineData("catchup")]
    [InlineData("clear")]
    [InlineData("skip")]
    [InlineData("mapping")]
    [InlineData("group")]
    [InlineData("sensor")]
    [InlineData("dataset")]
    [InlineData("backfill")]
    [InlineData("teardown")]
    [InlineData("past")]
    [InlineData("pool")]
    public Task Scenario(string kind) => RunAsync(kind, Orchestrator.Scenario.DifferenceAsync);

    [Fact]
    public void Every_kind_has_a_runner() =>
        Assert.Empty(Cases.Value.Select(item => item.Kind).Distinct()
            .Except(["trigger_rule", "trigger_pair", "cron", "retry", .. Scenarios]));

    private static async Task RunAsync(string kind, Func<Case, Task<string?>> difference)
    {
        var cases = Cases.Value.Where(item => item.Kind == kind).ToArray();
        var failures = new List<string>();
        foreach (var item in cases)
        {
            if (await difference(item) is { } reason)
            {
                failures.Add($"{item.Name}: {reason}");
            }
        }

        Console.WriteLine($"{kind}: {cases.Length - failures.Count} passed, {failures.Count} failed");
        failures.ForEach(failure => Console.WriteLine($"  FAILED {failure}"));
        Assert.NotEmpty(cases);
        Assert.Empty(failures);
    }

    private static string? TriggerRule(Case item)
    {
        var decisions = item.Text("decisions").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var actual = TaskTransitions.All.Select(state => Decide(item.Text("rule"), [state])).ToArray();
        return decisions.SequenceEqual(actual) ? null : $"expected {string.Join(' ', decisions)}, got {string.Join(' ', actual)}";
    }

    private static string? TriggerPair(Case item)
    {
        var states = item.Text("upstream").Split(' ').Select(name => Enum.Parse<TaskState>(name)).ToArray();
        var actual = Decide(item.Text("rule"), states);
        return actual == item.Text("decision") ? null : $"expected {item.Text("decision")}, got {actual}";
    }

    private static string Decide(string rule, TaskState[] upstream)
    {
        var counts = new UpstreamCounts { Total = upstream.Length };
        foreach (var state in upstream)
        {
            counts.Count(state);
        }

        return TriggerRules.Decide(Enum.Parse<TriggerRule>(rule), counts) switch
        {
            TriggerDecision.Run => "R",
            TriggerDecision.Skip => "S",
            TriggerDecision.UpstreamFailed => "U",
            _ => "-",
        };
    }

    private static string? Cron(Case item)
    {
        var expected = item.Data.GetProperty("fires").EnumerateArray().Select(fire => fire.GetString()!).ToArray();
        var timetable = Timetable.CronPoint(item.Text("cron"), item.Text("zone"));
        var after = DateTimeOffset.Parse(item.Text("after"), CultureInfo.InvariantCulture);
        var actual = TimetablePlan.Next(timetable, after, expected.Length)
            .Select(line => line.Fire.RunAfter.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)).ToArray();
        return expected.SequenceEqual(actual) ? null : $"expected {string.Join(' ', expected)}, got {string.Join(' ', actual)}";
    }

    private static string? Retry(Case item)
    {
        var backoff = new Backoff(
            TimeSpan.FromMilliseconds(item.Data.GetProperty("baseMs").GetDouble()),
            item.Data.GetProperty("multiplier").GetDouble(),
            TimeSpan.FromMilliseconds(item.Data.GetProperty("capMs").GetDouble()),
            Enum.Parse<JitterMode>(item.Text("jitter")));
        var wait = RetryDelay.Of(backoff, item.Data.GetProperty("failures").GetInt32(), item.Data.GetProperty("draw").GetDouble())
            .TotalMilliseconds;
        var expected = item.Data.GetProperty("waitMs").GetDouble();
        return Math.Abs(wait - expected) < 0.5 ? null : $"expected {expected} ms, got {wait} ms";
    }
}
