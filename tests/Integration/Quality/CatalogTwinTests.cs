using System.Text.Json;
using DataPlatform.Kernel;
using DataPlatform.Quality;
using DataPlatform.Quality.Catalog;
using DataPlatform.Quality.Postgres;
using DataPlatform.Quality.Sqlite;

namespace DataPlatform.Integration.Quality;

/// <summary>The same runs in both stores: whatever is asked, PostgreSQL answers as SQLite does.</summary>
[Collection<PostgresCollection>]
public sealed class CatalogTwinTests(PostgresDatabases databases) : IDisposable
{
    private const int Runs = 120;
    private static readonly DateTimeOffset Start = new(2001, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] Tables = ["sales.orders", "sales.items", "lake/flights", ".odd", "plain_%"];
    private readonly string _folder = Directory.CreateTempSubdirectory("quality-twin-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Both_catalogs_give_the_same_answers()
    {
        var (file, server) = (QualityDatabase.Open(Path.Combine(_folder, "quality.db")), await databases.NewAsync());
        using var sqlite = new SqliteCatalog(file);
        var postgres = new PostgresCatalog(server);
        var random = new Random(7);
        var before = await postgres.StampAsync(Token);
        foreach (var batch in Enumerable.Range(0, Runs).Select(run => Run(run, random)).Chunk(7))
        {
            Assert.Equal(batch.Length, await new SqliteQualityStore(file).AppendAsync(batch, Token));
            Assert.Equal(batch.Length, await new PostgresQualityStore(server).AppendAsync(batch, Token));
        }

        Assert.NotEqual(before, await postgres.StampAsync(Token));
        await SameAsync(sqlite, postgres, c => c.DomainsAsync(Token));
        await SameAsync(sqlite, postgres, c => c.DaysAsync(null, new DateOnly(2001, 1, 3), Token));
        await SameAsync(sqlite, postgres, c => c.DaysAsync("sales", default, Token));
        foreach (var query in TableQueries())
        {
            await SameAsync(sqlite, postgres, c => c.TablesAsync(query, Token));
        }

        foreach (var query in RuleQueries())
        {
            await SameAsync(sqlite, postgres, c => WithoutNumbersAsync(c, query));
        }

        await SamePagesAsync(sqlite, postgres);
    }

    private static TableQuery[] TableQueries() =>
    [
        new(), new() { Domain = "" }, new() { Search = "_%" }, new() { Search = "FLIGHT" }, new() { OnlyBad = true }, new() { After = "plain_%", Limit = 1 },
        new() { LastRunBefore = Start.AddDays(2) },
    ];

    /// <summary>Rules are numbered as each store sees them first, so those of one rank may come in another order.</summary>
    private static async ValueTask<IEnumerable<RuleState>> WithoutNumbersAsync(IQualityCatalog catalog, RuleQuery query)
        => (await catalog.RulesAsync(query, Token)).Select(r => r with { Number = 0 })
            .OrderBy(r => r.Rank).ThenBy(r => r.Key.ToString(), StringComparer.Ordinal);

    private static RuleQuery[] RuleQueries() =>
    [
        new(), new() { Domain = "sales" }, new() { Table = ".odd" }, new() { Severity = Severity.Warning }, new() { Outcome = Outcome.Error },
        new() { Kinds = ["freshness", "none"] }, new() { Tag = "daily" }, new() { Tag = "dail" }, new() { Owner = "ann" }, new() { Search = "_%" },
        new() { Search = "ORDERS" },
    ];

    private static async Task SamePagesAsync(SqliteCatalog sqlite, PostgresCatalog postgres)
    {
        var all = await postgres.RulesAsync(new RuleQuery(), Token);
        List<RuleState> paged = [];
        while (await postgres.RulesAsync(new RuleQuery { Limit = 4, After = paged.Count == 0 ? null : RulePlace.Of(paged[^1]) }, Token) is { Count: > 0 } page)
        {
            paged.AddRange(page);
        }

        Assert.Equal(all.Select(r => r.Key), paged.Select(r => r.Key));
        foreach (var key in all.Select(r => r.Key))
        {
            await SameAsync(sqlite, postgres, async c => (await c.RuleAsync(key, Token))! with { Number = 0 });
            await SameAsync(sqlite, postgres, async c => (await c.HistoryAsync([(await c.RuleAsync(key, Token))!.Number], 5, Token)).Values);
        }

        await SameAsync(sqlite, postgres, c => c.RuleAsync(new RuleKey("none", "none"), Token));
        await SameAsync(sqlite, postgres, c => c.RunsAsync("lake/flights", null, 5, Token));
        await SameAsync(sqlite, postgres, c => c.RunsAsync(null, 20, 50, Token));
        await SameAsync(sqlite, postgres, c => c.RunAsync("run 17", Token));
        await SameAsync(sqlite, postgres, c => c.RunAsync("none", Token));
    }

    [Fact]
    public async Task Both_stores_of_suites_give_the_same_answers()
    {
        var (file, server) = (QualityDatabase.Open(Path.Combine(_folder, "quality.db")), await databases.NewAsync());
        (ISuiteStore Suites, IAuditLog Log)[] both =
            [(new SqliteSuiteStore(file), new SqliteAuditLog(file)), (new PostgresSuiteStore(server), new PostgresAuditLog(server))];
        List<string> answers = [];
        foreach (var (suites, log) in both)
        {
            foreach (var (name, version, table) in new[] { ("a", 1, "t"), ("a", 2, "u"), ("b", 1, "t"), ("c", 1, "v") })
            {
                await suites.SaveAsync(new SuiteVersion(name, version, table, "json", "{}", version, Start, "ann", "why"), Token);
            }

            var refused = await Assert.ThrowsAsync<QualityException>(
                async () => await suites.SaveAsync(new SuiteVersion("a", 2, "t", "json", "{}", 0, Start, "eve", ""), Token));
            Assert.Equal(ErrorKind.Conflict, refused.Kind);
            Assert.Equal(5, (await log.AppendAsync(new AuditEntry(0, Start, "bob", "mute", "alert/k", "noise"), Token)).Number);
            answers.Add(JsonSerializer.Serialize(new object?[]
            {
                await suites.ListAsync(null, 2, null, Token), await suites.ListAsync("a", 10, null, Token),
                await suites.FindAsync("a", null, Token), await suites.FindAsync("a", 1, Token), await suites.FindAsync("z", null, Token),
                await suites.VersionsAsync("a", null, 10, Token), await suites.VersionsAsync("a", 2, 10, Token),
                await log.ReadAsync(null, null, 3, Token), await log.ReadAsync("alert/k", null, 10, Token), await log.ReadAsync(null, 3, 10, Token),
            }));
        }

        Assert.Equal(answers[0], answers[1]);
    }

    private static async Task SameAsync<T>(IQualityCatalog sqlite, IQualityCatalog postgres, Func<IQualityCatalog, ValueTask<T>> ask)
        => Assert.Equal(JsonSerializer.Serialize(await ask(sqlite)), JsonSerializer.Serialize(await ask(postgres)));

    private static SuiteResult Run(int run, Random random)
    {
        var table = Tables[random.Next(Tables.Length)];
        return new SuiteResult
        {
            RunId = $"run {run}",
            Suite = $"suite {random.Next(2)} of {table}",
            Table = table,
            Version = random.Next(3) == 0 ? null : new DatasetVersion(new DatasetId($"lake/{run % 3}"), run),

            // Some runs come late, and some begin at the same instant.
            StartedAt = Start.AddHours((run / 2) + random.Next(-20, 1)),
            Duration = TimeSpan.FromMilliseconds(run),
            Queries = new QueryCounts(),
            Verdicts =
            [
                .. Enumerable.Range(0, 6).Where(_ => random.Next(8) > 0).Select(i => new Verdict
                {
                    RuleId = $"r{i}",
                    Rule = $"rule {i} of {table} holds",
                    Kind = i == 3 ? "freshness" : "range",
                    Severity = (Severity)(i % 3),
                    Outcome = (Outcome)(random.Next(3) == 0 ? random.Next(4) : 0),
                    Message = $"seen in {run}",
                    Owner = i == 2 ? "ann" : null,
                    Tags = i == 4 ? ["money", "daily"] : [],
                    Observed = $"{run}",
                    Violations = i,
                    Evaluated = 100,
                    Sample = i == 1 ? new RowSample(["x"], [["1"], [null]]) : RowSample.Empty,
                }),
            ],
        };
    }
}
