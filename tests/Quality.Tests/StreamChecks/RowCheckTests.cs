using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.StreamChecks;
using DataPlatform.Streaming;
using DataPlatform.Streaming.Sinks;
using DataPlatform.Streaming.Sources;
using DataPlatform.Streaming.Testing;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Quality.Tests.StreamChecks;

/// <summary>Row rules inside a job: what goes on, what is set aside, what is counted; and that a crash changes none of it.</summary>
public sealed class RowCheckTests
{
    private static readonly QualitySuite Suite = new QualitySuiteBuilder("arrivals").NotNull("destination").InRange("delay", -60, 720).Matches("destination", "[A-Z]{3}").Build();

    private static readonly RowGate<Arrival> Gate = RowGate<Arrival>.Build(
        Suite, new Dictionary<string, Func<Arrival, object?>> { ["destination"] = a => a.Destination, ["delay"] = a => a.Delay });

    [Fact]
    public void Good_records_go_on_and_bad_ones_are_set_aside_with_their_rules()
    {
        CheckedStream<Arrival>? check = null;
        var harness = new StreamHarness<Arrival, Arrival>((_, stream) => (check = stream.Check(Gate)).Passed);
        var failed = harness.Collect(new OutputTag<FailedRow<Arrival>>("row-check-failed"));

        harness.Push(new Arrival("ATL", 5, 1), 1);
        harness.Push(new Arrival(null, 900, 2), 2);
        harness.Push(new Arrival("atl", 5, 3), 3);
        harness.Push(new Arrival("ORD", 720, 4), 4);

        Assert.Equal(["ATL", "ORD"], harness.Results.Select(r => r.Value.Destination));
        Assert.Equal(
            [new FailedRow<Arrival>(new Arrival(null, 900, 2), $"{Suite.Rules[0].Id},{Suite.Rules[1].Id}", 2), new FailedRow<Arrival>(new Arrival("atl", 5, 3), Suite.Rules[2].Id, 3)],
            failed.Select(f => f.Value));
    }

    [Fact]
    public void A_record_may_go_on_all_the_same_or_end_the_job_with_the_rules_named()
    {
        var warning = new StreamHarness<Arrival, Arrival>((_, stream) => stream.Check(Gate, mode: FailureMode.PassOn).Passed);
        var failed = warning.Collect(new OutputTag<FailedRow<Arrival>>("row-check-failed"));
        warning.Push(new Arrival(null, 5, 1), 1);
        Assert.Equal((1, 1), (warning.Results.Count, failed.Count));

        var stopping = new StreamHarness<Arrival, Arrival>((_, stream) => stream.Check(Gate, mode: FailureMode.Stop).Passed);
        var error = Assert.ThrowsAny<Exception>(() => stopping.Push(new Arrival(null, 5, 1), 1));
        Assert.Contains("destination is not null", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Windows_count_records_failures_and_rules()
    {
        var harness = new StreamHarness<Arrival, WindowQuality>((_, stream) => stream.Check(Gate).Windows(TimeSpan.FromSeconds(1)));
        for (var i = 0; i < 100; i++)
        {
            harness.Push(new Arrival(i % 10 == 0 ? null : "ATL", i % 25 == 0 ? 999 : 5, i * 20), i * 20);
        }

        harness.Watermark(10_000);

        Assert.Equal([(0L, 1_000L, 50L, 6L), (1_000, 2_000, 50, 6)], harness.Results.Select(r => (r.Value.StartMs, r.Value.EndMs, r.Value.Records, r.Value.Failed)));
        Assert.Equal((5, 2), (harness.Results[0].Value.FailuresByRule[Suite.Rules[0].Id], harness.Results[0].Value.FailuresByRule[Suite.Rules[1].Id]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Every_record_is_passed_or_set_aside_exactly_once_and_every_window_has_its_point_whatever_crashes(int round)
    {
        const int SeedsPerRound = 12;
        var crashes = 0;
        for (var seed = round * 1_000; seed < (round * 1_000) + SeedsPerRound; seed++)
        {
            crashes += await RunAsync(seed);
        }

        Assert.True(crashes > 0, "nothing was simulated but fair weather");
    }

    private static async Task<int> RunAsync(int seed)
    {
        var random = new Random(seed);
        Arrival[] records = [.. Enumerable.Range(0, 400).Select(i => new Arrival(random.Next(5) == 0 ? null : "ATL", random.Next(10) == 0 ? 5_000 : random.Next(100), i * 10))];
        ReadOnlyMemory<Arrival>[] splits = [.. records.Select((r, i) => (r, i)).GroupBy(p => p.i % 3).Select(g => new ReadOnlyMemory<Arrival>([.. g.Select(p => p.r)]))];
        var (passed, failed, series) = (new SimulatedSink<Arrival>(), new SimulatedSink<FailedRow<Arrival>>(), new InMemorySeriesStore());
        var rough = new SimulationOptions { CrashesMax = 4, PiecesBeforeCrashMax = 250 };
        var report = JobSimulation.Run(seed, Build, rough);
        StreamJob Build(SimulationContext context)
        {
            (passed.Pause, failed.Pause) = (context.PauseAsync, context.PauseAsync);
            var job = new StreamJobBuilder("checks", new StreamJobOptions
            {
                Parallelism = 1 + (seed % 3),
                CheckpointStore = context.Store,
                CheckpointInterval = TimeSpan.FromMilliseconds(60),
                Time = context.Time,
                BatchSize = 16,
                RestartStrategy = RestartStrategy.None,
            });
            var check = job.FromSource("arrivals", "arrivals", new CollectionSource<Arrival>(splits), WatermarkStrategy.BoundedOutOfOrderness<Arrival>(TimeSpan.FromMilliseconds(100), a => a.TimeMs).WithLatenessBySplit()).Check(Gate);
            check.Passed.SinkTo("passed", "passed", passed);
            check.Failed.SinkTo("failed", "failed", failed);
            check.Windows(TimeSpan.FromSeconds(1)).SinkTo("series", "series", new WindowSeriesSink(series, "arrivals"));
            return job.Build();
        }

        Assert.Equal(records.Where(Gate.Passes).Select(r => r.TimeMs), passed.Committed.Select(r => r.TimeMs).Order());
        Assert.Equal(records.Where(r => !Gate.Passes(r)).Select(r => r.TimeMs), failed.Committed.Select(r => r.Record.TimeMs).Order());
        var points = await series.BeforeAsync("arrivals/window-records", DateTimeOffset.MaxValue, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal([100.0, 100, 100, 100], points.Select(p => p.Value));
        var shares = await series.BeforeAsync("arrivals/window-failed-share", DateTimeOffset.MaxValue, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(records.Chunk(100).Select(c => c.Count(r => !Gate.Passes(r)) / 100.0), shares.Select(p => p.Value));
        return report.Crashes;
    }

    /// <summary>An arrival.</summary>
    public sealed record Arrival(string? Destination, int Delay, long TimeMs);
}
