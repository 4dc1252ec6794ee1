using System.Text.Json.Nodes;
using DataPlatform.Quality.DuckDb.Profiles;
using DataPlatform.Quality.Profiles;
using DataPlatform.Quality.Rules.Documents;
using DataPlatform.Quality.Tests.DuckDb;

namespace DataPlatform.Quality.Tests.Profiles;

public sealed class RuleSuggestionTests : DuckDbFixture
{
    [Fact]
    public async Task What_a_table_has_always_kept_is_suggested_with_a_reason()
    {
        Execute("""
            CREATE TABLE t AS SELECT i AS id, (i % 90) - 10 AS delay, ['on', 'off', 'wait'][1 + i % 3] AS state, 'AB-' || (1000 + i % 700) AS code,
              CASE WHEN i % 50 = 0 THEN NULL ELSE i / 7.0 END AS share, repeat('x', 1 + (i % 9)::INTEGER) || chr(33 + (i % 60)::INTEGER) AS note
            FROM range(1000) r(i)
            """);

        var rules = await SuggestedAsync();

        Assert.Equal(["schema:", "row-count:", "not-null:id", "range:id", "not-null:delay", "range:delay", "not-null:state", "set:state",
            "not-null:code", "pattern:code", "not-null:share", "range:share", "not-null:note", "length:note"], rules.Keys.Where(k => !k.StartsWith("unique", StringComparison.Ordinal)));
        Assert.Equal((-19L, 88L), ((long)rules["range:delay"]["min"]!, (long)rules["range:delay"]["max"]!));
        Assert.Equal(0, (long)rules["range:id"]["min"]!);
        Assert.Equal(["off", "on", "wait"], rules["set:state"]["values"]!.AsArray().Select(v => (string)v!));
        Assert.Equal(@"\p{Lu}{2}-\p{Nd}{4}", (string)rules["pattern:code"]["pattern"]!);
        Assert.Equal(("3%", "warning"), ((string)rules["not-null:share"]["threshold"]!, (string)rules["not-null:share"]["severity"]!));
        Assert.True(rules.ContainsKey("unique:id"));
    }

    [Fact]
    public async Task Suggestions_are_a_suite_that_the_table_passes()
    {
        Execute("CREATE TABLE t AS SELECT i AS id, hash(i)::DOUBLE AS h, 'N' || i AS name, (i % 4) = 0 AS flag, DATE '2001-01-01' + (i % 30)::INTEGER AS day FROM range(5000) r(i)");
        var state = await new DuckDbProfiler(Connection).ReadAsync("t", cancellationToken: Token);

        var suite = SuiteDocument.Read(RuleSuggestions.Document("t", RuleSuggestions.For([state])).ToJsonString());
        var result = await Runner.RunAsync(suite, new QualityTarget("t"), Token);

        Assert.All(result.Verdicts, v => Assert.Equal(Outcome.Pass, v.Outcome));
        Assert.Contains(result.Verdicts, v => v.Kind == "unique");
    }

    [Fact]
    public async Task The_worst_partition_sets_the_limit_for_nulls_and_few_rows_say_nothing()
    {
        Execute("CREATE TABLE t AS SELECT i % 2 AS part, CASE WHEN i % 20 = 1 THEN NULL ELSE i END AS x FROM range(1000) r(i)");
        var profiler = new DuckDbProfiler(Connection);
        PartitionState[] states = [await profiler.ReadAsync("t", "part = 0", "0", Token), await profiler.ReadAsync("t", "part = 1", "1", Token)];

        var presence = RuleSuggestions.For(states).Single(s => (string)s.Rule["kind"]! == "not-null" && (string)s.Rule["column"]! == "x");

        Assert.Equal("15%", (string)presence.Rule["threshold"]!);
        Assert.Empty(RuleSuggestions.For([await profiler.ReadAsync("t", "x < 50", "few", Token)]));
        Assert.Empty(RuleSuggestions.For([]));
    }

    private async Task<Dictionary<string, JsonObject>> SuggestedAsync()
    {
        var state = await new DuckDbProfiler(Connection).ReadAsync("t", cancellationToken: Token);
        return RuleSuggestions.For([state]).ToDictionary(s => $"{s.Rule["kind"]}:{s.Rule["column"] ?? s.Rule["columns"]?.AsArray().FirstOrDefault(c => c is JsonValue)}", s => s.Rule);
    }
}
