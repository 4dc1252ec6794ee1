using DataPlatform.Kernel;
using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Profiles;

namespace DataPlatform.Quality.Tests.Profiles;

public sealed class SketchTests
{
    [Theory]
    [InlineData(100)]
    [InlineData(5_000)]
    [InlineData(400_000)]
    public void Distinct_counts_stay_within_four_standard_errors_and_merging_loses_nothing(int count)
    {
        var (whole, left, right) = (new HyperLogLog(), new HyperLogLog(), new HyperLogLog());
        for (var i = 0; i < count; i++)
        {
            whole.Add(i * 1.5);
            (i % 3 == 0 ? left : right).Add(i * 1.5);
            left.Add(0.0);
        }

        left.Merge(right);

        Assert.InRange(whole.Estimate() / count, 1 - (4 * HyperLogLog.RelativeError), 1 + (4 * HyperLogLog.RelativeError));
        Assert.Equal(whole.Estimate(), left.Estimate());
    }

    [Fact]
    public void Texts_and_both_zeros_hash_well()
    {
        var sketch = new HyperLogLog();
        for (var i = 0; i < 20_000; i++)
        {
            sketch.Add($"key-{i}");
        }

        Assert.InRange(sketch.Estimate(), 18_700, 21_300);
        var zeros = new HyperLogLog();
        zeros.Add(0.0);
        zeros.Add(-0.0);
        Assert.Equal(1, Math.Round(zeros.Estimate()));
    }

    [Fact]
    public void Quantiles_stay_within_the_stated_rank_error_also_after_many_merges()
    {
        var random = new Random(17);
        var parts = Enumerable.Range(0, 50).Select(_ => new QuantileSketch()).ToList();
        List<double> all = [];
        for (var i = 0; i < 200_000; i++)
        {
            var value = Math.Pow(random.NextDouble(), 3) * 1_000;
            all.Add(value);
            parts[i % parts.Count].Add(value);
        }

        var sketch = new QuantileSketch();
        parts.ForEach(sketch.Merge);
        all.Sort();

        Assert.Equal(200_000, sketch.Count);
        Assert.True(sketch.Levels.Sum(l => l.Count) < 1_000);
        foreach (var share in new[] { 0.01, 0.25, 0.5, 0.75, 0.95, 0.99 })
        {
            var found = sketch.Quantile(share);
            var rank = all.Count(v => v <= found) / 200_000.0;
            Assert.InRange(rank, share - QuantileSketch.RankError, share + QuantileSketch.RankError);
        }
    }

    [Fact]
    public void Few_values_give_exact_quantiles()
    {
        var sketch = new QuantileSketch();
        foreach (var value in new double[] { 5, 1, 4, 2, 3 })
        {
            sketch.Add(value);
        }

        Assert.Equal((1, 3, 5, 0.4), (sketch.Quantile(0), sketch.Quantile(0.5), sketch.Quantile(1), sketch.Rank(2)));
        Assert.True(double.IsNaN(new QuantileSketch().Quantile(0.5)));
    }

    [Fact]
    public void Moments_of_parts_are_those_of_the_whole_even_far_from_zero()
    {
        var values = Enumerable.Range(0, 1_000).Select(i => 1e9 + ((i * 37) % 101)).ToList();
        var whole = values.Aggregate(Moments.Empty, (m, v) => m.Add(v));
        var parts = values.Chunk(77).Select(c => c.Aggregate(Moments.Empty, (m, v) => m.Add(v))).Aggregate(Moments.Empty, (a, b) => a.Merge(b));
        var mean = values.Average();
        var exact = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / 999);

        Assert.Equal(whole.Count, parts.Count);
        Assert.Equal(exact, parts.StandardDeviation, 1e-6);
        Assert.Equal(exact, whole.StandardDeviation, 1e-6);
        Assert.Equal((values.Min(), values.Max()), (parts.Minimum, parts.Maximum));
    }

    [Fact]
    public void Frequent_values_are_found_and_never_counted_too_high_or_too_low_by_more_than_the_bound()
    {
        var truth = new Dictionary<string, long>();
        var sketch = new TopValues();
        var random = new Random(5);
        for (var i = 0; i < 100_000; i++)
        {
            var value = i % 4 == 0 ? "often" : i % 10 == 1 ? "sometimes" : $"rare-{random.Next(50_000)}";
            truth[value] = truth.GetValueOrDefault(value) + 1;
            sketch.Add(value);
        }

        Assert.Equal(["often", "sometimes"], sketch.Top(2).Select(t => t.Value));
        Assert.All(sketch.Top(20), t => Assert.InRange(t.Count, truth[t.Value] - sketch.ErrorMax, truth[t.Value]));
    }

    [Fact]
    public void Folded_partitions_equal_the_whole_and_survive_storage()
    {
        var whole = State(Enumerable.Range(0, 3_000));
        var parts = new[] { State(Enumerable.Range(0, 1_000)), State(Enumerable.Range(1_000, 1_500)), State(Enumerable.Range(2_500, 500)) };

        var folded = ColumnProfile.Of(PartitionState.Fold(parts.Select(p => StateBytes.Read(StateBytes.Write(p)))).Columns[0]);
        var direct = ColumnProfile.Of(whole.Columns[0]);

        Assert.Equal((direct.Rows, direct.Nulls, direct.NotFinite, direct.Distinct), (folded.Rows, folded.Nulls, folded.NotFinite, folded.Distinct));
        Assert.Equal((direct.Minimum, direct.Maximum), (folded.Minimum, folded.Maximum));
        Assert.Equal(direct.Mean!.Value, folded.Mean!.Value, 1e-9);
        Assert.Equal(direct.StandardDeviation!.Value, folded.StandardDeviation!.Value, 1e-9);
        Assert.InRange(folded.Percentiles[50], 1_500 - 150, 1_500 + 150);
        Assert.Equal(folded.Rows - folded.Nulls - folded.NotFinite, folded.Histogram.Sum(b => b.Count));
    }

    [Fact]
    public void Damaged_state_is_refused()
    {
        var bytes = StateBytes.Write(State(Enumerable.Range(0, 10)));
        bytes[20] ^= 1;

        Assert.Equal(ErrorKind.Corrupt, Assert.Throws<QualityException>(() => StateBytes.Read(bytes)).Kind);
        Assert.Equal(ErrorKind.Corrupt, Assert.Throws<QualityException>(() => StateBytes.Read(bytes.AsMemory(0, 7))).Kind);
    }

    [Theory]
    [InlineData("ATL", "AAA")]
    [InlineData("2001-01-31", "9999-99-99")]
    [InlineData("anna.b@example.org", "aaaa.a@a+.aaa")]
    public void A_text_has_a_shape(string text, string shape) => Assert.Equal(shape, TextPattern.Of(text));

    private static PartitionState State(IEnumerable<int> values)
    {
        var state = new ColumnState("n", "DOUBLE", ColumnFamily.Float);
        foreach (var value in values)
        {
            if (value % 10 == 3)
            {
                state.AddNull();
            }
            else
            {
                state.Add(value % 100 == 7 ? double.NaN : value);
            }
        }

        return new PartitionState("p", [state]);
    }
}
