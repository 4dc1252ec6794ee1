using DataPlatform.Quality.Anomalies;

namespace DataPlatform.Quality.Tests.Anomalies;

public sealed class AnomalyDetectorTests
{
    private static readonly DateTimeOffset Monday = new(2001, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_band_of_seven_points_is_students_and_not_three_sigma()
    {
        // scipy: t.ppf(1 - 0.0027 / 2, 6) * sqrt(1 + 1/7) = 5.242585591150012
        var verdict = Judge([10, 12, 11, 9, 10, 11, 10], 11, new BaselineOptions { Robust = false, SpreadFloorShare = 0 });

        Assert.Equal(5.242585591150012, (verdict.Upper - verdict.Centre) / verdict.Spread, 1e-9);
        Assert.Equal(0.9759, verdict.Spread, 1e-4);
        Assert.Equal(AnomalyState.Normal, verdict.State);
    }

    [Fact]
    public void The_false_alarm_rate_on_quiet_series_is_what_was_asked_for()
    {
        var random = new Random(11);
        var options = new BaselineOptions { Robust = false, SpreadFloorShare = 0, FalseAlarmRate = 0.01 };
        var judged = 0;
        var alarms = 0;
        for (var series = 0; series < 400; series++)
        {
            var values = Enumerable.Range(0, 40).Select(_ => Normal(random)).ToList();
            foreach (var verdict in AnomalyDetector.JudgeAll(Points(values), options).Where(v => v.Baseline.Count == 7))
            {
                judged++;
                alarms += verdict.State == AnomalyState.Violation ? 1 : 0;
            }
        }

        Assert.InRange((double)alarms / judged, 0.007, 0.013);
    }

    [Fact]
    public void A_point_is_no_part_of_its_own_baseline_and_a_rerun_replaces_it()
    {
        var history = Points([10, 12, 11, 9, 10, 11, 10, 500]);

        var verdict = AnomalyDetector.Judge(history, history[^1] with { Value = 500 });

        Assert.Equal(AnomalyState.Violation, verdict.State);
        Assert.DoesNotContain(verdict.Baseline, p => p.Value == 500);
    }

    [Fact]
    public void A_confirmed_incident_leaves_the_baseline_and_a_false_positive_stays()
    {
        var days = Points([10, 12, 11, 9, 100, 11, 10, 100]);
        days[4] = days[4] with { Feedback = PointFeedback.Real };
        Assert.Equal(AnomalyState.Violation, AnomalyDetector.Judge(days, days[^1]).State);

        days[4] = days[4] with { Feedback = PointFeedback.FalsePositive };
        Assert.Equal(AnomalyState.Normal, AnomalyDetector.Judge(days, days[^1], new BaselineOptions { Robust = false }).State);
    }

    [Fact]
    public void Too_few_points_are_no_judgement()
        => Assert.Equal(AnomalyState.Learning, Judge([10, 10, 10, 10], 99, new BaselineOptions()).State);

    [Fact]
    public void A_series_that_never_moved_bears_its_first_small_step()
    {
        Assert.Equal(AnomalyState.Normal, Judge([100, 100, 100, 100, 100, 100, 100], 101, new BaselineOptions()).State);
        Assert.Equal(AnomalyState.Violation, Judge([100, 100, 100, 100, 100, 100, 100], 120, new BaselineOptions()).State);
        Assert.Equal(AnomalyState.Normal, Judge([100, 100, 100, 100, 100, 100, 100], 120, new BaselineOptions { IsCount = true }).State);
    }

    [Fact]
    public void Weekends_are_compared_with_weekends_once_there_are_enough()
    {
        var values = Enumerable.Range(0, 28).Select(d => d % 7 >= 5 ? 100.0 + d : 1_000 + d).ToList();
        var saturday = new MetricPoint(Monday.AddDays(33), 105);
        var history = Points([.. values, 1_000, 1_001, 1_002, 1_003, 1_004]);

        Assert.Equal(AnomalyState.Normal, AnomalyDetector.Judge(history, saturday, new BaselineOptions { Weekly = true }).State);
        Assert.Equal(AnomalyState.Violation, AnomalyDetector.Judge(history, saturday with { Value = 1_000 }, new BaselineOptions { Weekly = true }).State);
    }

    [Fact]
    public void The_first_weekend_is_learned_and_not_judged_beside_weekdays()
    {
        var values = Enumerable.Range(0, 21).Select(d => d % 7 >= 5 ? 300.0 + d : 1_000 + d).ToList();

        var verdicts = AnomalyDetector.JudgeAll(Points(values), new BaselineOptions { Weekly = true });

        Assert.DoesNotContain(verdicts, v => v.State == AnomalyState.Violation);
        Assert.Equal([AnomalyState.Learning, AnomalyState.Learning], verdicts.Skip(5).Take(2).Select(v => v.State));
        Assert.Equal(AnomalyState.Violation, AnomalyDetector.JudgeAll(Points(values))[5].State);
    }

    [Theory]
    [InlineData(0.02)]
    [InlineData(0.1)]
    [InlineData(0.3)]
    public void Counts_that_are_mostly_zero_do_not_alarm_when_one_comes(double mean)
    {
        var random = new Random(7);
        var options = new BaselineOptions { IsCount = true, Direction = AnomalyDirection.High, FalseAlarmRate = 0.01 };
        var verdicts = Enumerable.Range(0, 300)
            .SelectMany(_ => AnomalyDetector.JudgeAll(Points([.. Enumerable.Range(0, 60).Select(_ => (double)Poisson(random, mean))]), options))
            .Where(v => v.Baseline.Count == 7).ToList();

        Assert.InRange((double)verdicts.Count(v => v.State == AnomalyState.Violation) / verdicts.Count, 0, 0.01);
        Assert.Equal(AnomalyState.Violation, AnomalyDetector.Judge(Points([0, 0, 0, 0, 0, 0, 0]), new MetricPoint(Monday.AddDays(7), 10), options).State);
    }

    [Fact]
    public void A_window_shorter_than_the_points_asked_for_judges_when_it_is_full()
    {
        var verdicts = AnomalyDetector.JudgeAll(Points([10, 11, 10, 500]), new BaselineOptions { Window = 3 });

        Assert.Equal([AnomalyState.Learning, AnomalyState.Learning, AnomalyState.Learning, AnomalyState.Violation], verdicts.Select(v => v.State));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(400)]
    public void Counts_alarm_at_most_some_two_times_as_often_as_asked_for_however_small(double mean)
    {
        var random = new Random(5);
        var options = new BaselineOptions { IsCount = true, Window = 14, Direction = AnomalyDirection.High, FalseAlarmRate = 0.01, SpreadFloorShare = 0 };
        var (judged, alarms) = (0, 0);
        for (var series = 0; series < 300; series++)
        {
            List<double> counts = [.. Enumerable.Range(0, 60).Select(_ => (double)Poisson(random, mean))];
            foreach (var verdict in AnomalyDetector.JudgeAll(Points(counts), options).Where(v => v.Baseline.Count == 14))
            {
                judged++;
                alarms += verdict.State == AnomalyState.Violation ? 1 : 0;
            }
        }

        Assert.InRange((double)alarms / judged, 0.0005, 0.025);
    }

    [Fact]
    public void Holidays_are_neither_judged_nor_compared_with()
    {
        var options = new BaselineOptions { Holidays = new HashSet<DateOnly> { new(2001, 1, 4), new(2001, 1, 8) } };
        var history = Points([10, 12, 11, 0, 10, 11, 10]);

        Assert.Equal(AnomalyState.Excluded, AnomalyDetector.Judge(history, new MetricPoint(Monday.AddDays(7), 0), options).State);
        Assert.DoesNotContain(AnomalyDetector.Judge(history, new MetricPoint(Monday.AddDays(8), 10), options).Baseline, p => p.Value == 0);
    }

    [Fact]
    public void An_alert_waits_for_so_many_violations_in_a_row()
    {
        var options = new BaselineOptions { Consecutive = 3, Window = 7 };
        List<double> quiet = [10, 12, 11, 9, 10, 11, 10];

        var series = Points([.. quiet, 90, 11, 90, 900, 9_000]);
        series[7] = series[7] with { Feedback = PointFeedback.Real };
        var verdicts = AnomalyDetector.JudgeAll(series, options);

        Assert.Equal([1, 0, 1, 2, 3], verdicts.Skip(7).Select(v => v.Violations));
        Assert.Equal([false, false, false, false, true], verdicts.Skip(7).Select(v => v.IsAlert));
        Assert.Equal(3, AnomalyDetector.Judge(verdicts.SkipLast(1).Select(v => v.Point), verdicts[^1].Point, options).Violations);
    }

    [Fact]
    public void A_new_level_is_learned_after_a_window_of_violations_in_a_row()
    {
        var verdicts = AnomalyDetector.JudgeAll(Points([10, 12, 11, 9, 10, 11, 10, .. Enumerable.Repeat(50.0, 9)]));

        Assert.Equal([.. Enumerable.Repeat(AnomalyState.Violation, 7), AnomalyState.Normal, AnomalyState.Normal], verdicts.Skip(7).Select(v => v.State));
    }

    [Fact]
    public void A_run_of_violations_does_not_hide_behind_its_first_point()
    {
        var verdicts = AnomalyDetector.JudgeAll(Points([10, 12, 11, 9, 10, 11, 10, 90, 90, 90]));

        Assert.Equal([1, 2, 3], verdicts.Skip(7).Select(v => v.Violations));
    }

    [Fact]
    public void Only_the_side_that_matters_is_watched()
    {
        double[] quiet = [10, 12, 11, 9, 10, 11, 10];

        Assert.Equal(AnomalyState.Normal, Judge(quiet, 0, new BaselineOptions { Direction = AnomalyDirection.High }).State);
        Assert.Equal(AnomalyState.Violation, Judge(quiet, 0, new BaselineOptions { Direction = AnomalyDirection.Low }).State);
    }

    private static AnomalyVerdict Judge(double[] past, double value, BaselineOptions options)
        => AnomalyDetector.Judge(Points(past), new MetricPoint(Monday.AddDays(past.Length), value), options);

    private static List<MetricPoint> Points(IEnumerable<double> values) => [.. values.Select((v, i) => new MetricPoint(Monday.AddDays(i), v))];

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static int Poisson(Random random, double mean)
    {
        // The number of exponential waits that fit: right for large means too, where a product of uniforms would vanish.
        var (time, count) = (0.0, -1);
        while (time < mean)
        {
            time -= Math.Log(1 - random.NextDouble());
            count++;
        }

        return count;
    }
}
