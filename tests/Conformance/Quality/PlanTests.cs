using System.Text.Json;
using DataPlatform.Quality;
using DataPlatform.Quality.DuckDb.Lineage;
using DataPlatform.Quality.Lineage;
using DuckDB.NET.Data;

namespace DataPlatform.Conformance.Quality;

/// <summary>
/// Lineage is read off a plan whose shape DuckDB promises nobody. The shapes are pinned for the version they were read under; set
/// <c>DP_PIN_PLANS=1</c> to pin them anew, after the lineage cases pass under the new version.
/// </summary>
public sealed class PlanTests
{
    private const string Variable = "DP_PIN_PLANS";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    [Fact]
    public void Plans_have_the_shape_that_was_pinned_for_this_version_of_DuckDB()
    {
        var now = Read();
        if (Environment.GetEnvironmentVariable(Variable) == "1")
        {
            File.WriteAllText(PathOf(), JsonSerializer.Serialize(now, Indented) + "\n");
        }

        var pinned = JsonSerializer.Deserialize<PinnedPlans>(File.ReadAllText(PathOf()))!;

        var changed = pinned.Shapes.Where(p => now.Shapes.GetValueOrDefault(p.Key) != p.Value).Select(p => Difference(p.Key, p.Value, now.Shapes.GetValueOrDefault(p.Key)));
        var differences = changed.ToList();
        Assert.True(
            differences.Count == 0,
            $"DuckDB is {now.Version} and the plans were pinned under {pinned.Version}. {differences.Count} of {pinned.Shapes.Count} have another shape now; "
            + $"see that all lineage cases pass, mend PlanReader where they do not, and pin anew with {Variable}=1:\n{string.Join('\n', differences.Take(10))}");
        Assert.True(pinned.Shapes.Count >= 80, $"Only {pinned.Shapes.Count} plans are pinned.");
    }

    [Fact]
    public void The_shape_of_a_plan_tells_operators_and_properties_and_no_contents()
    {
        using var catalog = new ShadowCatalog();
        catalog.Add(new TableDefinition("t", [new ColumnDefinition("a", "INTEGER"), new ColumnDefinition("b", "INTEGER")]));
        string Shape(string sql)
        {
            using var plan = catalog.Plan(sql);
            return PlanShape.Of(plan.RootElement);
        }

        Assert.Equal(Shape("SELECT a FROM t WHERE b > 1"), Shape("SELECT b FROM t WHERE a > 7"));
        Assert.NotEqual(Shape("SELECT a FROM t WHERE b > 1"), Shape("SELECT a FROM t ORDER BY b"));
    }

    private static PinnedPlans Read()
    {
        var shapes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in LineageCases.Own())
        {
            if (ShapeOf(item) is { } shape)
            {
                shapes[item.Id] = shape;
            }
        }

        return new PinnedPlans(Version(), shapes);
    }

    /// <summary>The shape of a case's last statement; null where it does not bind.</summary>
    private static string? ShapeOf(LineageCase item)
    {
        using var catalog = new ShadowCatalog();
        try
        {
            foreach (var (table, columns) in item.Schema ?? [])
            {
                catalog.Add(new TableDefinition(table, [.. columns.Select(c => new ColumnDefinition(c.Key, c.Value))]));
            }

            foreach (var statement in item.SetupStatements)
            {
                catalog.Execute(statement);
            }

            using var plan = catalog.Plan(item.Sql);
            return PlanShape.Of(plan.RootElement.GetProperty("plans")[0]);
        }
        catch (QualityException)
        {
            return null;
        }
    }

    private static string Difference(string id, string pinned, string? now)
    {
        if (now is null)
        {
            return $"{id}: does not bind any more";
        }

        var same = pinned.Zip(now).TakeWhile(p => p.First == p.Second).Count();
        var from = Math.Max(0, same - 60);
        return $"{id}: pinned ...{pinned[from..Math.Min(pinned.Length, same + 60)]}... now ...{now[from..Math.Min(now.Length, same + 60)]}...";
    }

    private static string Version()
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        return connection.ServerVersion;
    }

    private static string PathOf() => Path.Combine(Path.GetDirectoryName(LineageCases.OwnPath())!, "lineage-plans.json");

    private sealed record PinnedPlans(string Version, SortedDictionary<string, string> Shapes);
}
