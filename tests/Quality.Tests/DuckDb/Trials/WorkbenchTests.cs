using DataPlatform.Kernel;
using DataPlatform.Quality.DuckDb;
using DataPlatform.Quality.DuckDb.Trials;
using DataPlatform.Quality.Rules;
using DataPlatform.Quality.Trials;

namespace DataPlatform.Quality.Tests.DuckDb.Trials;

public sealed class WorkbenchTests : IDisposable
{
    private readonly DuckDbWorkbench _workbench = new(new Numbers());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _workbench.Dispose();

    [Fact]
    public async Task A_trial_on_a_sample_says_what_holds_for_the_table_and_what_cannot_be_told()
    {
        var suite = new QualitySuiteBuilder("numbers").Schema([new("n")]).InRange("n", 0, 89_999).Unique("n").RowCountBetween(50_000, null)
            .CustomSql("none above", "select count(*) from {table} where n > 1000000").Build();

        var trial = await _workbench.TryAsync(suite, new TrialOptions { SampleRows = 2_000 }, Token);

        Assert.Equal((2_000, false), (trial.Rows, trial.IsWhole));
        Assert.Equal([Outcome.Pass, Outcome.Fail, Outcome.Pass, Outcome.Fail, Outcome.Pass], trial.Verdicts.Select(v => v.Verdict.Outcome));
        Assert.Null(trial.Verdicts[0].Remark);
        Assert.Matches(@"In the table [78](\.\d+)?% to 1[123](\.\d+)?% of rows would break it|In the table \d+(\.\d+)?% to \d+(\.\d+)?%", trial.Verdicts[1].Remark!);
        Assert.Contains("cannot show", trial.Verdicts[2].Remark, StringComparison.Ordinal);
        Assert.Contains("rows of the sample", trial.Verdicts[3].Remark, StringComparison.Ordinal);
        Assert.Contains("over the sample", trial.Verdicts[4].Remark, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trial_on_the_whole_table_needs_no_remarks_and_the_same_seed_draws_the_same_rows()
    {
        var suite = new QualitySuiteBuilder("numbers").InRange("n", 0, 89_999).Build();
        var small = new TrialOptions { SampleRows = 500 };

        var whole = await _workbench.TryAsync(suite, new TrialOptions { SampleRows = 100_000 }, Token);
        var first = await _workbench.TryAsync(suite, small, Token);
        var second = await _workbench.TryAsync(suite, small, Token);

        Assert.True(whole.IsWhole);
        Assert.Null(whole.Verdicts[0].Remark);
        Assert.Equal(10_000, whole.Verdicts[0].Verdict.Violations);
        Assert.Equal(first.Verdicts[0].Verdict.Violations, second.Verdicts[0].Verdict.Violations);
    }

    [Fact]
    public async Task Sql_that_would_write_or_read_elsewhere_is_refused_as_in_a_run()
    {
        var suite = new QualitySuiteBuilder("numbers").CustomSql("w", "drop table numbers").CustomSql("f", "select count(*) from read_csv('/etc/passwd')").Build();

        var trial = await _workbench.TryAsync(suite, cancellationToken: Token);

        Assert.All(trial.Verdicts, v => Assert.Equal(Outcome.Error, v.Verdict.Outcome));
    }

    [Fact]
    public async Task A_trial_that_takes_too_long_is_stopped_and_says_so()
    {
        var slow = "select count(*) from range(3000000000) a, range(100000) b where a.range * b.range % 7 = 3";
        var suite = new QualitySuiteBuilder("numbers").CustomSql("slow", slow).Build();

        var stopped = await Assert.ThrowsAsync<QualityException>(
            async () => await _workbench.TryAsync(suite, new TrialOptions { TimeLimit = TimeSpan.FromMilliseconds(300) }, Token));

        Assert.Equal(ErrorKind.Unavailable, stopped.Kind);
        Assert.Contains("smaller sample", stopped.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Suggestions_are_rules_that_the_sample_keeps()
    {
        var suggestions = await _workbench.SuggestAsync("numbers", new TrialOptions { SampleRows = 1_000 }, Token);

        Assert.Contains(suggestions, s => s.Rule["kind"]!.GetValue<string>() == "not-null");
        Assert.Contains(suggestions, s => s.Rule["kind"]!.GetValue<string>() == "unique");
        Assert.Equal(1_000, (await _workbench.ProfileAsync("numbers", new TrialOptions { SampleRows = 1_000 }, Token)).Columns[0].Rows);
    }

    [Fact]
    public async Task A_table_that_is_not_there_is_named()
    {
        var suite = new QualitySuiteBuilder("absent").NotNull("n").Build();

        var refused = await Assert.ThrowsAsync<QualityException>(async () => await _workbench.TryAsync(suite, cancellationToken: Token));

        Assert.Contains("absent", refused.Message, StringComparison.Ordinal);
    }

    private sealed class Numbers : ITrialTables
    {
        public ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult<IReadOnlyList<string>>(["numbers"]);

        public ValueTask<TrialTable> OpenAsync(string table, CancellationToken cancellationToken = default)
        {
            var connection = QualityConnection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE numbers AS SELECT range AS n FROM range(100000)";
            command.ExecuteNonQuery();
            return ValueTask.FromResult(new TrialTable(connection, table));
        }
    }
}
