using DataPlatform.Kernel;
using DataPlatform.Quality.Catalog;
using DataPlatform.Quality.Sqlite;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Quality.Tests.Sqlite;

public sealed class CatalogTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2001, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.quality");
    private readonly SqliteQualityStore _store;
    private readonly SqliteCatalog _catalog;
    private readonly QualityDatabase _database;
    private int _runs;

    public CatalogTests()
    {
        _database = QualityDatabase.Open(_path);
        _store = new SqliteQualityStore(_database);
        _catalog = new SqliteCatalog(_database);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _catalog.Dispose();
        SqliteConnection.ClearAllPools();
        File.Delete(_path);
    }

    [Fact]
    public async Task Catalog_tells_the_newest_verdict_of_each_rule_most_urgent_first_and_since_when_it_is_so()
    {
        await RunAsync("sales.orders", Start, Of("a", Outcome.Pass), Of("b", Outcome.Fail, Severity.Warning), Of("c", Outcome.Error, Severity.Info));
        await RunAsync("sales.orders", Start.AddDays(1), Of("a", Outcome.Fail), Of("b", Outcome.Fail, Severity.Warning), Of("c", Outcome.Pass, Severity.Info));

        var rules = await _catalog.RulesAsync(new RuleQuery(), Token);

        Assert.Equal(["a", "b", "c"], rules.Select(r => r.Verdict.RuleId));
        Assert.Equal([0, 1, 5], rules.Select(r => r.Rank));
        Assert.Equal([Start.AddDays(1), Start, Start.AddDays(1)], rules.Select(r => r.Since));
        Assert.Equal(new DatasetVersion(new DatasetId("lake/t"), 2), rules[0].Version);
        Assert.All(rules, rule => Assert.Equal(RuleState.RankOf(rule.Verdict), rule.Rank));
    }

    [Fact]
    public async Task Catalog_does_not_let_an_older_run_that_comes_late_overwrite_a_newer_one()
    {
        await RunAsync("t", Start.AddDays(1), Of("a", Outcome.Pass));
        await RunAsync("t", Start, Of("a", Outcome.Fail));

        Assert.Equal(Outcome.Pass, Assert.Single(await _catalog.RulesAsync(new RuleQuery(), Token)).Verdict.Outcome);
    }

    [Fact]
    public async Task Catalog_forgets_a_rule_that_its_suite_no_longer_has()
    {
        await RunAsync("t", Start, Of("a", Outcome.Fail), Of("b", Outcome.Pass));
        await RunAsync("t", Start.AddDays(1), Of("b", Outcome.Pass));

        Assert.Equal("b", Assert.Single(await _catalog.RulesAsync(new RuleQuery(), Token)).Verdict.RuleId);
        Assert.Equal(new OutcomeCounts(1, 0, 0, 0, 0, 0), (await _catalog.TableAsync("t", Token))!.Rules);
    }

    [Fact]
    public async Task Pages_of_rules_are_whole_and_without_repeats_whatever_their_size()
    {
        for (var table = 0; table < 5; table++)
        {
            await RunAsync($"d.t{table}", Start, [.. Enumerable.Range(0, 7).Select(i => Of($"{table}-{i}", (Outcome)(i % 4), (Severity)(i % 3)))]);
        }

        List<string> seen = [];
        RulePlace? after = null;
        while (await _catalog.RulesAsync(new RuleQuery { Limit = 4, After = after }, Token) is { Count: > 0 } page)
        {
            seen.AddRange(page.Select(r => r.Verdict.RuleId));
            after = RulePlace.Parse(RulePlace.Of(page[^1]).ToString());
        }

        Assert.Equal(35, seen.Count);
        Assert.Equal(35, seen.Distinct().Count());
    }

    [Fact]
    public async Task Rules_are_found_by_domain_severity_outcome_kind_owner_tag_and_words()
    {
        await RunAsync("sales.orders", Start, Of("a", Outcome.Fail) with { Tags = ["money", "daily"], Owner = "ann" }, Of("b_%", Outcome.Pass, Severity.Info));
        await RunAsync("lake/flights", Start, Of("c", Outcome.Fail, Severity.Warning) with { Kind = "freshness" });
        async Task<string> Found(RuleQuery query) => string.Join(",", (await _catalog.RulesAsync(query, Token)).Select(r => r.Verdict.RuleId));

        Assert.Equal("a,b_%", await Found(new RuleQuery { Domain = "sales" }));
        Assert.Equal("c", await Found(new RuleQuery { Table = "lake/flights" }));
        Assert.Equal("b_%", await Found(new RuleQuery { Severity = Severity.Info }));
        Assert.Equal("a,c", await Found(new RuleQuery { Outcome = Outcome.Fail }));
        Assert.Equal("c", await Found(new RuleQuery { Kinds = ["freshness", "committed"] }));
        Assert.Equal("a", await Found(new RuleQuery { Owner = "ann" }));
        Assert.Equal("a", await Found(new RuleQuery { Tag = "daily" }));
        Assert.Equal(string.Empty, await Found(new RuleQuery { Tag = "dail" }));
        Assert.Equal("b_%", await Found(new RuleQuery { Search = "_%" }));
        Assert.Equal("c", await Found(new RuleQuery { Search = "FLIGHT" }));
    }

    [Fact]
    public async Task Totals_agree_with_the_rules_by_domain_and_by_day()
    {
        await RunAsync("sales.orders", Start, Of("a", Outcome.Fail), Of("b", Outcome.Pass));
        await RunAsync("sales.orders", Start.AddHours(1), Of("a", Outcome.Fail), Of("b", Outcome.Pass));
        await RunAsync("plain", Start.AddDays(1), Of("c", Outcome.NoData));
        await RunAsync(".odd", Start.AddDays(1), Of("d", Outcome.Error));

        var domains = await _catalog.DomainsAsync(Token);
        var days = await _catalog.DaysAsync(null, new DateOnly(2001, 1, 1), Token);

        Assert.Equal(["", "sales"], domains.Select(d => d.Domain));
        Assert.Equal(new OutcomeCounts(1, 0, 0, 1, 0, 0), domains[1].Rules);
        Assert.Equal(2, domains[0].Tables);
        Assert.Equal([new OutcomeCounts(2, 0, 0, 2, 0, 0), new OutcomeCounts(0, 0, 0, 0, 1, 1)], days.Select(d => d.Verdicts));
        Assert.All(domains.Zip(["", "sales"]), pair => Assert.Equal(pair.Second, pair.First.Domain));
        Assert.Equal(string.Empty, TableDomain.Of(".odd"));
    }

    [Fact]
    public async Task History_runs_from_old_to_new_and_a_rule_brings_its_sample()
    {
        await RunAsync("t", Start, Of("a", Outcome.Pass));
        await RunAsync("t", Start.AddDays(1), Of("a", Outcome.Fail) with { Violations = 2, Evaluated = 8, Sample = new RowSample(["x"], [["1"], [null]]) });

        var rule = await _catalog.RuleAsync(new RuleKey("suite of t", "a"), Token);
        var history = (await _catalog.HistoryAsync([rule!.Number], 30, Token))[rule.Number];

        Assert.Equal([Outcome.Pass, Outcome.Fail], history.Select(h => h.Outcome));
        Assert.Equal(0.25, history[1].ViolationShare);
        Assert.Equal(2, rule.Verdict.Sample.Rows.Count);
        Assert.Null(await _catalog.RuleAsync(new RuleKey("suite of t", "none"), Token));
    }

    [Fact]
    public async Task Runs_come_newest_first_with_their_counts_and_one_is_read_whole()
    {
        await RunAsync("t", Start, Of("a", Outcome.Pass));
        await RunAsync("t", Start.AddDays(1), Of("a", Outcome.Fail), Of("b", Outcome.Fail, Severity.Info));
        await RunAsync("u", Start, Of("z", Outcome.Pass));

        var first = await _catalog.RunsAsync("t", null, 1, Token);
        var second = await _catalog.RunsAsync("t", first[0].Number, 10, Token);

        Assert.Equal(new OutcomeCounts(0, 1, 0, 1, 0, 0), Assert.Single(first).Verdicts);
        Assert.Equal(new OutcomeCounts(1, 0, 0, 0, 0, 0), Assert.Single(second).Verdicts);
        Assert.Equal(2, (await _catalog.RunAsync(first[0].RunId, Token))!.Verdicts.Count);
        Assert.Null(await _catalog.RunAsync("none", Token));
    }

    [Fact]
    public async Task The_stamp_changes_when_something_is_kept_and_only_then()
    {
        var before = await _catalog.StampAsync(Token);
        var still = await _catalog.StampAsync(Token);
        await RunAsync("t", Start, Of("a", Outcome.Pass));

        Assert.Equal(before, still);
        Assert.NotEqual(before, await _catalog.StampAsync(Token));
    }

    [Fact]
    public async Task Saving_a_suite_adds_a_version_and_an_audit_entry_and_refuses_one_that_was_overtaken()
    {
        var suites = new SqliteSuiteStore(_database);
        var first = new SuiteVersion("s", 1, "t", "json", "{}", 0, Start, "ann", "begin");
        await suites.SaveAsync(first, Token);
        await suites.SaveAsync(first with { Version = 2, Text = "{ }", Author = "bob", Reason = "" }, Token);

        var refused = await Assert.ThrowsAsync<QualityException>(async () => await suites.SaveAsync(first with { Version = 2, Author = "eve" }, Token));

        Assert.Equal(ErrorKind.Conflict, refused.Kind);
        Assert.Equal("bob", (await suites.FindAsync("s", cancellationToken: Token))!.Author);
        Assert.Equal("ann", (await suites.FindAsync("s", 1, Token))!.Author);
        Assert.Equal([2, 1], (await suites.VersionsAsync("s", null, 10, Token)).Select(v => v.Version));
        Assert.Equal(2, Assert.Single(await suites.ListAsync(null, 10, "t", Token)).Version);
        Assert.Empty(await suites.ListAsync("s", 10, cancellationToken: Token));
        Assert.Equal(["bob", "ann"], (await new SqliteAuditLog(_database).ReadAsync(null, null, 10, Token)).Select(e => e.Actor));
    }

    [Fact]
    public async Task A_file_of_before_the_catalog_gets_it_from_what_it_holds()
    {
        await RunAsync("sales.orders", Start, Of("a", Outcome.Pass) with { Tags = ["x", "y"], Owner = "ann" }, Of("b", Outcome.Fail));
        await RunAsync("sales.orders", Start.AddDays(1), Of("a", Outcome.Fail) with { Tags = ["x", "y"], Owner = "ann" }, Of("b", Outcome.Pass));
        await RunAsync("plain", Start, Of("c", Outcome.Error));
        var (rules, domains) = (await _catalog.RulesAsync(new RuleQuery(), Token), await _catalog.DomainsAsync(Token));
        var days = await _catalog.DaysAsync(null, new DateOnly(2001, 1, 1), Token);
        using (var connection = new SqliteConnection($"Data Source={_path}"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "DELETE FROM rule_state; DELETE FROM table_state; DELETE FROM day_count;" + CatalogSql.All;
            command.ExecuteNonQuery();
        }

        var derived = await _catalog.RulesAsync(new RuleQuery(), Token);

        Assert.Equal(rules.Select(r => (r.Key, r.Table, r.Rank, r.At, r.RunId, r.Verdict.Rule, string.Join(",", r.Verdict.Tags), r.Verdict.Owner)), derived.Select(r => (r.Key, r.Table, r.Rank, r.At, r.RunId, r.Verdict.Rule, string.Join(",", r.Verdict.Tags), r.Verdict.Owner)));
        Assert.Equal(domains, await _catalog.DomainsAsync(Token));
        Assert.Equal(days, await _catalog.DaysAsync(null, new DateOnly(2001, 1, 1), Token));
    }

    private static Verdict Of(string id, Outcome outcome, Severity severity = Severity.Critical) => new()
    {
        RuleId = id,
        Rule = $"rule {id}",
        Kind = "range",
        Severity = severity,
        Outcome = outcome,
        Message = "seen",
    };

    private async Task RunAsync(string table, DateTimeOffset at, params Verdict[] verdicts) => await _store.AppendAsync(
        new SuiteResult
        {
            RunId = $"run-{++_runs}",
            Suite = $"suite of {table}",
            Table = table,
            Version = new DatasetVersion(new DatasetId("lake/t"), _runs),
            StartedAt = at,
            Duration = TimeSpan.FromMilliseconds(5),
            Verdicts = verdicts,
            Queries = new QueryCounts(Scans: 1),
        },
        Token);
}
