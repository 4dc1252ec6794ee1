using System.Text;
using System.Text.Json;

namespace DataPlatform.Orchestrator.Dags;

/// <summary>What differs between two versions of a DAG: settings, tasks and dependencies. Pure; made from <see cref="Dag.Model"/>, so that
/// the console, the command line and tests say the same.</summary>
/// <param name="Settings">Schedule, parameters, limits and the like, by name.</param>
/// <param name="Tasks">Tasks added, removed and changed, by id.</param>
/// <param name="Edges">Dependencies added and removed, by downstream and upstream task.</param>
/// <remarks>Code bodies are no part of a model: a change of code shows as <c>version</c> where the author raises it.</remarks>
public sealed record DagDiff(
    IReadOnlyList<DagValueChange> Settings, IReadOnlyList<DagTaskChange> Tasks, IReadOnlyList<DagEdgeChange> Edges)
{
    /// <summary>Whether the versions are the same.</summary>
    public bool IsEmpty => Settings.Count + Tasks.Count + Edges.Count == 0;

    /// <summary>Compares two versions.</summary>
    /// <param name="oldModelJson">The earlier <see cref="Dag.Model"/>.</param>
    /// <param name="newModelJson">The later one.</param>
    /// <exception cref="ArgumentException">One of them is no model of a DAG.</exception>
    public static DagDiff Between(string oldModelJson, string newModelJson)
    {
        var before = DagFacts.Read(oldModelJson, nameof(oldModelJson));
        var after = DagFacts.Read(newModelJson, nameof(newModelJson));
        return new DagDiff(Differences(before.Settings, after.Settings), TaskChanges(before, after), EdgeChanges(before, after));
    }

    /// <summary>The differences as lines: <c>+</c> added, <c>-</c> removed, <c>~</c> changed. One line says that there are none.</summary>
    public string ToText()
    {
        if (IsEmpty)
        {
            return "no difference\n";
        }

        var text = new StringBuilder();
        foreach (var setting in Settings)
        {
            text.Append("~ ").Append(setting).Append('\n');
        }

        foreach (var task in Tasks)
        {
            text.Append(Sign(task.Kind)).Append(" task ").Append(task.TaskId).Append('\n');
            foreach (var value in task.Values)
            {
                text.Append("    ").Append(value).Append('\n');
            }
        }

        foreach (var edge in Edges)
        {
            text.Append(Sign(edge.Kind)).Append(' ').Append(edge.Upstream).Append(" -> ").Append(edge.Downstream).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>The differences as JSON, for programs.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        new
        {
            settings = Settings.Select(Written),
            tasks = Tasks.Select(task => new { id = task.TaskId, kind = Word(task.Kind), values = task.Values.Select(Written) }),
            edges = Edges.Select(edge => new { upstream = edge.Upstream, downstream = edge.Downstream, kind = Word(edge.Kind) }),
        },
        JsonSerializerOptions.Web);

    private static object Written(DagValueChange value) => new { name = value.Name, before = value.Before, after = value.After };

    private static string Word(DagChangeKind kind) => JsonNamingPolicy.CamelCase.ConvertName(kind.ToString());

    private static char Sign(DagChangeKind kind) => kind switch
    {
        DagChangeKind.Added => '+',
        DagChangeKind.Removed => '-',
        _ => '~',
    };

    private static List<DagValueChange> Differences(IReadOnlyDictionary<string, string> before,
        IReadOnlyDictionary<string, string> after) =>
    [
        .. before.Keys.Union(after.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(name => new DagValueChange(name, before.GetValueOrDefault(name), after.GetValueOrDefault(name)))
            .Where(change => change.Before != change.After),
    ];

    private static List<DagTaskChange> TaskChanges(DagFacts before, DagFacts after)
    {
        var changes = new List<DagTaskChange>();
        foreach (var id in before.Tasks.Keys.Union(after.Tasks.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var (old, young) = (before.Tasks.GetValueOrDefault(id), after.Tasks.GetValueOrDefault(id));
            if (old is null || young is null)
            {
                changes.Add(new DagTaskChange(id, old is null ? DagChangeKind.Added : DagChangeKind.Removed, []));
            }
            else if (Differences(old, young) is { Count: > 0 } values)
            {
                changes.Add(new DagTaskChange(id, DagChangeKind.Changed, values));
            }
        }

        return changes;
    }

    private static List<DagEdgeChange> EdgeChanges(DagFacts before, DagFacts after) =>
    [
        .. after.Edges.Except(before.Edges).Select(edge => new DagEdgeChange(edge.Upstream, edge.Downstream, DagChangeKind.Added))
            .Concat(before.Edges.Except(after.Edges)
                .Select(edge => new DagEdgeChange(edge.Upstream, edge.Downstream, DagChangeKind.Removed)))
            .OrderBy(edge => edge.Downstream, StringComparer.Ordinal).ThenBy(edge => edge.Upstream, StringComparer.Ordinal),
    ];
}
