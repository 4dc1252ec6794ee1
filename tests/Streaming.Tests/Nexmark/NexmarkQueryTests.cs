using DataPlatform.Benchmarks.Streaming;
using DataPlatform.Streaming.Testing;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Tests.Nexmark;

/// <summary>Each query of the benchmark, on a small input, against a computation that knows nothing of streams.</summary>
public sealed class NexmarkQueryTests
{
    private static readonly HashSet<string> OfOneOrder = ["q15", "q16", "q17", "q18", "q19"];

    public static TheoryData<string, int> Cases => new(NexmarkQueries.All.Keys.SelectMany(static q => new[] { (q, 1), (q, 3) }));

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_query_gives_what_its_text_says(string query, int parallelism)
    {
        // A hundred times slower than the generator's rate, so that sessions end and several windows fire.
        var events = query is "q15" or "q16" ? 600 : 3_000;
        var generator = new NexmarkGenerator(seed: 42, blockEvents: events);
        for (var i = 0; i < events; i++)
        {
            generator.TimesMs[i] *= 100;
        }

        var options = new StreamJobOptions { Parallelism = parallelism, BatchSize = 64, Time = new ManualClock() };
        NexmarkSerializers.Register(options.Serializers);
        var job = new StreamJobBuilder("nexmark", options);
        var end = new CollectingEnd(query);

        // A result that counts what came before it needs one order of its input.
        var source = new NexmarkSource(generator, events, OfOneOrder.Contains(query) ? 1 : parallelism);
        NexmarkQueries.All[query](job.FromSource("events", "events", source, WatermarkStrategy.BoundedOutOfOrderness<NexmarkEvent>(TimeSpan.FromSeconds(60))), end);
        await using var run = await job.Build().StartAsync(TestContext.Current.CancellationToken);
        await run.Completion;

        var expected = NexmarkModel.Run(query, [.. generator.Events.Select((e, i) => new NexmarkModel.Timed(e, generator.TimesMs[i]))]).Order(StringComparer.Ordinal).ToList();
        Assert.NotEmpty(expected);
        Assert.Equal(expected, Last(query, end.Results()).Order(StringComparer.Ordinal));
    }

    /// <summary>The order of two splits is not given, so of a running result only what does not depend on it is compared.</summary>
    private static IEnumerable<string> Last(string query, IReadOnlyList<string> results) => query switch
    {
        "q4" => results.GroupBy(static r => r[..r.IndexOf(',', StringComparison.Ordinal)]).Select(static g => g.MaxBy(static r => long.Parse(r[(r.LastIndexOf('=') + 2)..^2], System.Globalization.CultureInfo.InvariantCulture))!),
        _ => results,
    };

    private sealed class CollectingEnd(string query) : INexmarkEnd
    {
        public Func<IReadOnlyList<string>> Results { get; private set; } = null!;

        public void End<T>(DataStream<T> results)
        {
            // A window of the clock begins whenever the test does: of q12 only ids and counts are compared.
            var sink = new CollectingSink<T>((r, _) => query == "q12" && r is CountInWindow w ? $"{w.Id} {w.Count}" : $"{r}".Replace('\n', ' '));
            results.SinkTo("results", "results", sink);
            Results = () => sink.Committed;
        }
    }
}
