namespace DataPlatform.Tidy;

/// <summary>Who may lean on whom: the rules of docs/architecture.md, read off the project files.</summary>
public sealed class EdgeTests
{
    private static readonly string[] Engines = ["Streaming", "Lakehouse", "Orchestrator", "Quality", "ResourceScheduler"];

    /// <summary>A bridge stands in one engine's folder and joins it with one other.</summary>
    private static readonly Dictionary<string, string[]> Bridges = new()
    {
        ["src/Lakehouse/DeltaStreams"] = ["Lakehouse", "Streaming"],
        ["src/Quality/TableChecks"] = ["Quality", "Lakehouse"],
        ["src/Quality/StreamChecks"] = ["Quality", "Streaming"],
        ["src/Orchestrator/ContainerExecutor"] = ["Orchestrator", "ResourceScheduler"],
        ["src/Orchestrator/TableLoads"] = ["Orchestrator", "Lakehouse"],
    };

    public static TheoryData<string> SourceProjects => [.. Checkout.Projects.Where(project => project.StartsWith("src/", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(SourceProjects))]
    public void A_project_leans_only_on_rooms_it_may_enter(string project)
    {
        var wrong = Checkout.ReferencesOf(project).Where(reference => !IsAllowed(RoomOf(project), RoomOf(reference))).ToList();

        Assert.True(wrong.Count == 0, $"{project} may not reference {string.Join(", ", wrong)}; see 'Who may lean on whom' in docs/architecture.md.");
    }

    [Fact]
    public void Every_project_of_the_tree_is_in_the_solution()
    {
        var solution = Checkout.Read("DataPlatform.sln").Replace('\\', '/');

        var missing = Checkout.Projects.Where(project => !solution.Contains($"\"{project}\"", StringComparison.Ordinal)).ToList();

        Assert.True(missing.Count == 0, $"not in DataPlatform.sln: {string.Join(", ", missing)}; add them with 'dotnet sln add'.");
    }

    [Fact]
    public void The_rule_refuses_what_it_should()
    {
        Assert.False(IsAllowed("src/Streaming/Core", "src/Lakehouse/Core"));
        Assert.False(IsAllowed("src/Streaming/Kafka", "src/Streaming/RocksDb"));
        Assert.False(IsAllowed("src/Lakehouse/DeltaStreams", "src/Quality/Core"));
        Assert.False(IsAllowed("src/Kernel", "src/Streaming/Core"));
        Assert.False(IsAllowed("src/Quality/Core", "src/Tools/Cli"));
        Assert.False(IsAllowed("src/Orchestrator/Core", "src/Web"));
        Assert.True(IsAllowed("src/Quality/TableChecks", "src/Lakehouse/DuckDb"));
        Assert.True(IsAllowed("src/Orchestrator/Web", "src/Web"));
        Assert.True(IsAllowed("src/Streaming/Core", "src/Streaming/Generators"));
    }

    private static bool IsAllowed(string from, string to)
    {
        if (from.StartsWith("src/Tools/", StringComparison.Ordinal))
        {
            return to.StartsWith("src/", StringComparison.Ordinal) && !to.StartsWith("src/Tools/", StringComparison.Ordinal);
        }

        var (engine, room) = Split(from);
        var (otherEngine, otherRoom) = Split(to);
        if (to == "src/Kernel")
        {
            return from is not "src/Kernel";
        }

        if (Bridges.TryGetValue(from, out var ends))
        {
            return ends.Contains(otherEngine) && !Bridges.ContainsKey(to) && otherRoom != "Web";
        }

        if (!Engines.Contains(engine))
        {
            return false;
        }

        return room switch
        {
            // A source generator is part of its core: it runs in the compiler and reaches no other room.
            "Core" => engine == otherEngine && otherRoom == "Generators",
            "Web" => to == "src/Web" || (engine == otherEngine && otherRoom == "Core"),
            _ => engine == otherEngine && otherRoom == "Core",
        };
    }

    private static (string Engine, string Room) Split(string room) => room.Split('/') switch
    {
        ["src", var engine, var name, ..] => (engine, name),
        ["src", var engine] => (engine, string.Empty),
        _ => (string.Empty, string.Empty),
    };

    private static string RoomOf(string project) => Path.GetDirectoryName(project)!.Replace('\\', '/');
}
