using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.DuckDb.Profiles;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.Tests.DuckDb;

public sealed class DistributionRuleTests : DuckDbFixture
{
    private const string Uniform = "SELECT (hash(i) % 1000)::DOUBLE AS x, 'c' || (hash(i + 1) % 4) AS s FROM range(20000) r(i)";

    [Theory]
    [InlineData(DistributionTest.Psi)]
    [InlineData(DistributionTest.KullbackLeibler)]
    [InlineData(DistributionTest.JensenShannon)]
    [InlineData(DistributionTest.KolmogorovSmirnov)]
    [InlineData(DistributionTest.ChiSquare)]
    public async Task A_shifted_column_fails_and_the_same_distribution_passes(DistributionTest test)
    {
        Execute($"CREATE TABLE old AS {Uniform}; CREATE TABLE same AS SELECT (hash(i + 77) % 1000)::DOUBLE AS x FROM range(15000) r(i)");
        Execute("CREATE TABLE moved AS SELECT ((hash(i + 77) % 1000) * 0.5 + 700)::DOUBLE AS x FROM range(15000) r(i)");
        var reference = await new DuckDbReferences(Connection).ReadAsync("old", "x", cancellationToken: Token);
        var suite = new QualitySuiteBuilder("t").DistributedAs("x", test, "june").Build();

        async Task<Verdict> Judge(string relation) => Assert.Single(
            (await Runner.RunAsync(suite, new QualityTarget(relation) { Distributions = new Dictionary<string, DistributionReference> { ["june"] = reference } }, Token)).Verdicts);
        var (same, moved) = (await Judge("same"), await Judge("moved"));

        Assert.Equal((Outcome.Pass, Outcome.Fail), (same.Outcome, moved.Outcome));
        var evidence = DistributionEvidence.Read(moved.Evidence!);
        Assert.Equal(evidence.Statistic, evidence.Replay().Statistic, 1e-12);
        Assert.Equal(evidence.PValue ?? double.NaN, evidence.Replay().PValue, 1e-12);
    }

    [Fact]
    public async Task Classes_are_counted_with_all_strangers_as_one()
    {
        Execute($"CREATE TABLE old AS {Uniform}; CREATE TABLE t AS SELECT CASE WHEN i % 3 = 0 THEN 'new' || i ELSE s END AS s FROM (SELECT s, row_number() OVER () AS i FROM old)");
        var reference = await new DuckDbReferences(Connection).ReadAsync("old", "s", cancellationToken: Token);
        Assert.Equal(["c0", "c1", "c2", "c3"], reference.Classes!.Order(StringComparer.Ordinal));

        var verdict = await JudgeAsync(reference, b => b.DistributedAs("s", DistributionTest.ChiSquare, "june"));

        Assert.Equal(Outcome.Fail, verdict.Outcome);
        Assert.InRange(DistributionEvidence.Read(verdict.Evidence!).Now[^1], 6_600, 6_700);
    }

    [Fact]
    public async Task Too_few_values_and_limits_below_the_noise_are_no_data()
    {
        Execute($"CREATE TABLE old AS {Uniform}; CREATE TABLE t AS SELECT x FROM old LIMIT 150");
        var reference = await new DuckDbReferences(Connection).ReadAsync("old", "x", cancellationToken: Token);

        Assert.Contains("are needed", (await JudgeAsync(reference, b => b.DistributedAs("x", DistributionTest.Psi, "june", new DistributionLimits { ValuesMin = 151 }))).Message, StringComparison.Ordinal);
        var noisy = await JudgeAsync(reference, b => b.DistributedAs("x", DistributionTest.Psi, "june", new DistributionLimits { Maximum = 0.1 }));

        Assert.Equal(Outcome.NoData, noisy.Outcome);
        Assert.Contains("cannot be told from it", noisy.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tests_of_one_run_are_adjusted_as_one_family()
    {
        Execute($"CREATE TABLE old AS {Uniform}; CREATE TABLE t AS SELECT x * 1.04 AS x FROM old LIMIT 3000");
        var reference = await new DuckDbReferences(Connection).ReadAsync("old", "x", cancellationToken: Token);
        var limits = new DistributionLimits { EffectMin = 0 };
        var alone = DistributionEvidence.Read((await JudgeAsync(reference, b => b.DistributedAs("x", DistributionTest.ChiSquare, "june", limits))).Evidence!);
        var suite = Enumerable.Range(0, 20).Aggregate(
            new QualitySuiteBuilder("t").DistributedAs("x", DistributionTest.ChiSquare, "june", limits),
            (b, i) => b.DistributedAs("x", DistributionTest.ChiSquare, "june", limits, new RuleSettings { Filter = $"hash(x) % 20 <> {i}" })).Build();

        var family = (await Runner.RunAsync(suite, Target(reference), Token)).Verdicts.Select(v => DistributionEvidence.Read(v.Evidence!)).ToList();

        Assert.Equal(alone.PValue, alone.AdjustedPValue);
        Assert.Equal(FalseDiscovery.Adjust([.. family.Select(e => e.PValue!.Value)]), family.Select(e => e.AdjustedPValue!.Value));
        Assert.Contains(family, e => e.AdjustedPValue > e.PValue);
    }

    [Fact]
    public async Task A_reference_that_is_missing_or_of_another_form_is_an_error_that_says_so()
    {
        Execute($"CREATE TABLE t AS {Uniform}");
        var classes = DistributionReference.OfClasses(new Dictionary<string, long> { ["c0"] = 100 });

        Assert.Contains("there are june", (await JudgeAsync(classes, b => b.DistributedAs("x", DistributionTest.Psi, "july"))).Message, StringComparison.Ordinal);
        Assert.Contains("no order", (await JudgeAsync(classes, b => b.DistributedAs("s", DistributionTest.KolmogorovSmirnov, "june"))).Message, StringComparison.Ordinal);
        Assert.Contains("about numbers", (await JudgeAsync(DistributionReference.OfNumbers([1], [1, 2]), b => b.DistributedAs("s", DistributionTest.Psi, "june"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task References_come_back_from_their_store_and_damaged_ones_are_refused()
    {
        var objects = new Kernel.Storage.InMemoryObjectStore();
        var store = new DistributionStore(objects);
        await store.PutAsync("a/b", "june 1", DistributionReference.OfNumbers([0.1, 2], [1, 2, 3], [0.05, 3]), Token);
        await store.PutAsync("a/b", "kinds", DistributionReference.OfClasses(new Dictionary<string, long> { ["x"] = 5, ["y"] = 7 }, 2), Token);

        var all = await store.AllAsync("a/b", Token);

        Assert.Equal(["june 1", "kinds"], all.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([0.1, 2], all["june 1"].Edges);
        Assert.Equal([1, 2, 3], all["june 1"].Counts);
        Assert.Equal([0.05, 3], all["june 1"].Sample);
        Assert.Equal(["y", "x"], all["kinds"].Classes);
        Assert.Equal([7, 5, 2], all["kinds"].Counts);
        Assert.Throws<QualityException>(() => DistributionReference.Read("{\"format\":1,\"edges\":[2,1],\"counts\":[1,2,3]}"));
        Assert.Throws<QualityException>(() => DistributionReference.Read("{\"format\":9}"));
    }

    private static QualityTarget Target(DistributionReference reference)
        => new("t") { Distributions = new Dictionary<string, DistributionReference> { ["june"] = reference } };

    private async Task<Verdict> JudgeAsync(DistributionReference reference, Func<QualitySuiteBuilder, QualitySuiteBuilder> rule)
        => Assert.Single((await Runner.RunAsync(rule(new QualitySuiteBuilder("t")).Build(), Target(reference), Token)).Verdicts);
}
