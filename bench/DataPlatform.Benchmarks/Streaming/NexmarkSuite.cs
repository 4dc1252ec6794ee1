using System.Diagnostics;
using System.Globalization;
using DataPlatform.Streaming;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Benchmarks.Streaming;

/// <summary><c>nexmark --query all|q0 --parallelism 1 --events 20000000 [--checkpoint ms] [--peers]</c></summary>
internal sealed class NexmarkSuite : IBenchmarkSuite
{
    public string Name => "nexmark";

    public string Description => "Streaming: --query all|q0.. --state heap --parallelism N --events N [--checkpoint MS] [--peers]";

    public async Task<int> RunAsync(string[] arguments, BenchmarkReport report, CancellationToken cancellationToken)
    {
        var query = Option(arguments, "--query", "all");
        var parallelism = int.Parse(Option(arguments, "--parallelism", "1"), CultureInfo.InvariantCulture);
        var events = long.Parse(Option(arguments, "--events", "20000000"), CultureInfo.InvariantCulture);
        var checkpointMs = int.Parse(Option(arguments, "--checkpoint", "0"), CultureInfo.InvariantCulture);
        if (Option(arguments, "--state", "heap") != "heap" || (query != "all" && !NexmarkQueries.All.ContainsKey(query)))
        {
            await Console.Error.WriteLineAsync($"There is state 'heap', and there are queries {string.Join(", ", NexmarkQueries.All.Keys)} and 'all'.");
            return 2;
        }

        var generator = new NexmarkGenerator(seed: 1);
        foreach (var name in NexmarkQueries.All.Keys.Where(k => query == "all" || k == query))
        {
            cancellationToken.ThrowIfCancellationRequested();
            _ = await RunJobAsync(name, generator, events / 20, parallelism, 0, cancellationToken);
            var job = await RunJobAsync(name, generator, events, parallelism, checkpointMs, cancellationToken);
            Report(report, name, parallelism, events, job, Loop(name, generator, events));
            if (arguments.Contains("--peers") && await PeerAsync(name, generator, events / 20) is { } peer)
            {
                report.Add(new Figure("nexmark", $"{name} on Akka.Streams", peer, "events/s", "DataPlatform.Streaming", events / job.Seconds));
            }
        }

        return 0;
    }

    private static async Task<Measured> RunJobAsync(
        string name, NexmarkGenerator generator, long events, int parallelism, int checkpointMs, CancellationToken cancellationToken)
    {
        var options = new StreamJobOptions { Parallelism = parallelism, CheckpointInterval = checkpointMs == 0 ? null : TimeSpan.FromMilliseconds(checkpointMs) };
        NexmarkQueries.Register(options.Serializers);
        var job = new StreamJobBuilder(name, options);
        var stream = job.FromSource("events", "events", new NexmarkSource(generator, events, parallelism), WatermarkStrategy.Monotonous<NexmarkEvent>());
        var results = NexmarkQueries.All[name](stream);
        var built = job.Build();
        GC.Collect();
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var cpu = Environment.CpuUsage.TotalTime;
        var started = Stopwatch.GetTimestamp();
        await using var run = await built.StartAsync(cancellationToken);
        await run.Completion;
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return new Measured(seconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds, GC.GetTotalAllocatedBytes(precise: true) - allocated, results(), run.Snapshot().LastCheckpoint?.Id ?? 0);
    }

    private static double? Loop(string name, NexmarkGenerator generator, long events)
    {
        if (!NexmarkLoops.All.TryGetValue(name, out var loop))
        {
            return null;
        }

        // By processor time, as the job's figure per core is: other work on the machine must not flatter the ratio.
        loop(generator.Events, events / 20);
        var cpu = Environment.CpuUsage.TotalTime;
        loop(generator.Events, events);
        return events / (Environment.CpuUsage.TotalTime - cpu).TotalSeconds;
    }

    private static async Task<double?> PeerAsync(string name, NexmarkGenerator generator, long events)
    {
        _ = await NexmarkPeers.RunAsync(name, generator.Events, events / 4);
        var started = Stopwatch.GetTimestamp();
        return await NexmarkPeers.RunAsync(name, generator.Events, events) is null ? null : events / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static void Report(BenchmarkReport report, string name, int parallelism, long events, Measured job, double? loop)
    {
        var perCore = events / job.CpuSeconds;
        var ratio = perCore / loop;
        report.AddRow(
            new
            {
                query = name,
                state = "heap",
                parallelism,
                events,
                seconds = job.Seconds,
                eventsPerSecond = events / job.Seconds,
                eventsPerSecondPerCore = perCore,
                allocatedBytesPerEvent = (double)job.AllocatedBytes / events,
                results = job.Results,
                checkpoints = job.Checkpoints,
                loopEventsPerSecondPerCore = loop,
                ratioToLoop = ratio,
            },
            string.Create(CultureInfo.InvariantCulture, $"{name,-4} p={parallelism} {events / job.Seconds / 1e6,7:0.00} M/s  {perCore / 1e6,7:0.00} M/s/core  loop {loop / 1e6,7:0.00} M/s  ratio {ratio,5:0.00}  {(double)job.AllocatedBytes / events,8:0.0} B/event  {job.Results} results, {job.Checkpoints} checkpoints"));
    }

    private static string Option(string[] arguments, string name, string otherwise)
        => Array.IndexOf(arguments, name) is var at and >= 0 && at + 1 < arguments.Length ? arguments[at + 1] : otherwise;

    private sealed record Measured(double Seconds, double CpuSeconds, long AllocatedBytes, long Results, long Checkpoints);
}
