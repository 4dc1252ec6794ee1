using DataPlatform.Quality.Anomalies;

namespace DataPlatform.Benchmarks.Quality;

/// <summary>How often quiet series alarm, and how long a fault that was put into one stays unseen. Seeded: the figures are the same in every run.</summary>
internal static class AnomalyCases
{
    private const int SeriesCount = 1_000;
    private const int Days = 120;
    private const int FaultDay = 90;
    private static readonly DateTimeOffset Start = new(2001, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly (string Name, Func<Random, int, double> Value, BaselineOptions Options)[] Quiet =
    [
        ("normal noise of 5 %", (r, _) => 1_000 * (1 + (0.05 * Normal(r))), new BaselineOptions()),
        ("normal noise of 5 %, window 28", (r, _) => 1_000 * (1 + (0.05 * Normal(r))), new BaselineOptions { Window = 28 }),
        ("skewed noise", (r, _) => 1_000 * Math.Exp(0.1 * Normal(r)), new BaselineOptions()),
        ("counts of 20", (r, _) => Poisson(r, 20), new BaselineOptions { IsCount = true }),
        ("a third on weekends, by weekday", (r, d) => (d % 7 >= 5 ? 300 : 1_000) * (1 + (0.05 * Normal(r))), new BaselineOptions { Weekly = true }),
    ];

    private static readonly (string Name, Func<double, int, double> Fault)[] Faults =
    [
        ("half the level", (v, _) => v * 0.5),
        ("20 % less", (v, _) => v * 0.8),
        ("3 % less each day", (v, since) => v * Math.Pow(0.97, since + 1)),
    ];

    public static Task RunAsync(BenchmarkReport report)
    {
        foreach (var (name, value, options) in Quiet)
        {
            foreach (var consecutive in new[] { 1, 2, 3 })
            {
                var settings = options with { Consecutive = consecutive };
                var (alarms, judged) = Alarms(value, settings);
                report.Add(new Figure(
                    "quality", $"false alarms, {name}, {consecutive} in a row", 100.0 * alarms / judged, "% of points", consecutive == 1 ? "asked for" : null, consecutive == 1 ? 100 * settings.FalseAlarmRate : null));
            }

            foreach (var (fault, apply) in Faults)
            {
                Delays(report, $"{fault}, {name}", value, apply, options);
            }
        }

        return Task.CompletedTask;
    }

    private static (int Alarms, int Judged) Alarms(Func<Random, int, double> value, BaselineOptions options)
    {
        var (alarms, judged) = (0, 0);
        for (var seed = 0; seed < SeriesCount; seed++)
        {
            foreach (var verdict in AnomalyDetector.JudgeAll(Series(seed, value, null), options).Where(v => v.State is AnomalyState.Normal or AnomalyState.Violation))
            {
                judged++;
                alarms += verdict.IsAlert ? 1 : 0;
            }
        }

        return (alarms, judged);
    }

    private static void Delays(BenchmarkReport report, string name, Func<Random, int, double> value, Func<double, int, double> fault, BaselineOptions options)
    {
        List<int> delays = [];
        for (var seed = 0; seed < SeriesCount; seed++)
        {
            var first = AnomalyDetector.JudgeAll(Series(seed, value, fault), options).Skip(FaultDay).ToList().FindIndex(v => v.IsAlert);
            delays.Add(first < 0 ? int.MaxValue : first + 1);
        }

        delays.Sort();
        var found = delays.Count(d => d <= 7);
        report.Add(new Figure("quality", $"found within 7 points: {name}", 100.0 * found / SeriesCount, "% of faults"));
        if (delays[SeriesCount / 2] < int.MaxValue)
        {
            report.Add(new Figure("quality", $"points until an alert, median: {name}", delays[SeriesCount / 2], "points"));
        }
    }

    private static List<MetricPoint> Series(int seed, Func<Random, int, double> value, Func<double, int, double>? fault)
    {
        var random = new Random(seed);
        List<MetricPoint> points = [];
        for (var day = 0; day < Days; day++)
        {
            var quiet = value(random, day);
            points.Add(new MetricPoint(Start.AddDays(day), fault is not null && day >= FaultDay ? fault(quiet, day - FaultDay) : quiet));
        }

        return points;
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static double Poisson(Random random, double mean)
    {
        var (limit, product, count) = (Math.Exp(-mean), 1.0, -1);
        do
        {
            product *= random.NextDouble();
            count++;
        }
        while (product > limit);
        return count;
    }
}
