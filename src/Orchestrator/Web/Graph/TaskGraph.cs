using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Web.Graphs;

namespace DataPlatform.Orchestrator.Web.Graph;

/// <summary>What of a DAG is drawn: all of it, or with groups closed, or what surrounds one task.</summary>
internal sealed class TaskGraph
{
    /// <summary>Nodes that are drawn at once; more would be a wall.</summary>
    public const int NodesMax = 1_500;

    /// <summary>With more tasks groups are closed unless the reader asks otherwise.</summary>
    private const int OpenMax = 120;

    private const int FocusDepth = 3;

    private readonly Dag _dag;
    private readonly IReadOnlyDictionary<int, TaskState> _states;
    private readonly Func<string, string?> _href;
    private readonly string?[] _keys;

    /// <param name="dag">The structure.</param>
    /// <param name="states">States by task number.</param>
    /// <param name="focus">The task whose surroundings are drawn; null for the whole.</param>
    /// <param name="expands">Whether groups are drawn open; null: when there is room.</param>
    /// <param name="href">Where a task leads.</param>
    public TaskGraph(Dag dag, IReadOnlyDictionary<int, TaskState> states, string? focus, bool? expands, Func<string, string?> href)
    {
        _dag = dag;
        _states = states;
        _href = href;
        HasGroups = dag.Tasks.Any(task => task.Group is not null);
        IsOpen = focus is not null || !HasGroups || (expands ?? dag.Tasks.Count <= OpenMax);
        Focus = focus;
        var shown = focus is not null && dag.FindTask(focus) is { } task ? Around(task.Number) : null;
        _keys = [.. dag.Tasks.Select(task => shown?.Contains(task.Number) == false ? null : Key(task))];
    }

    public bool HasGroups { get; }

    public bool IsOpen { get; }

    public string? Focus { get; }

    public bool IsTooLarge => _keys.OfType<string>().Distinct(StringComparer.Ordinal).Skip(NodesMax).Any();

    public GraphChart Draw()
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        var members = new List<List<DagTask>>();
        foreach (var task in _dag.Tasks)
        {
            if (_keys[task.Number] is { } key)
            {
                if (!places.TryGetValue(key, out var place))
                {
                    places[key] = place = members.Count;
                    members.Add([]);
                }

                members[place].Add(task);
            }
        }

        return new GraphChart { Title = $"graph of {_dag.Id}", Nodes = [.. members.Select(Node)], Edges = Edges(places) };
    }

    private GraphNode Node(List<DagTask> tasks)
    {
        var first = tasks[0];
        var state = tasks.Select(task => _states.GetValueOrDefault(task.Number)).Aggregate(StateRollup.Worse);
        if (!IsOpen && first.Group is { } group)
        {
            return new GraphNode("group " + group, group) { Colour = StateRollup.Colour(state), Detail = $"{tasks.Count} tasks", Tip = Words.Of(state) };
        }

        return new GraphNode(first.Id, first.IsMapped ? first.Id + " []" : first.Id)
        {
            Colour = StateRollup.Colour(state),
            Detail = first.Rule == TriggerRule.AllSuccess ? Words.Of(state) : $"{Words.Of(state)} · {first.Rule}",
            Href = _href(first.Id),
            Tip = $"{Words.Of(state)}, rule {first.Rule}, pool {first.Pool}",
            IsMarked = first.Id == Focus,
        };
    }

    private List<GraphEdge> Edges(Dictionary<string, int> places) =>
    [
        .. _dag.Tasks.Where(task => _keys[task.Number] is not null)
            .SelectMany(task => task.DownstreamNumbers.Where(next => _keys[next] is not null)
                .Select(next => (From: places[_keys[task.Number]!], To: places[_keys[next]!])))
            .Where(edge => edge.From != edge.To).Distinct().Select(edge => new GraphEdge(edge.From, edge.To)),
    ];

    private string Key(DagTask task) => !IsOpen && task.Group is { } group ? "group " + group : task.Id;

    /// <summary>The task, and what is a few steps before or after it.</summary>
    private HashSet<int> Around(int center)
    {
        var found = new HashSet<int> { center };
        foreach (var direction in (Func<DagTask, IReadOnlyList<int>>[])[task => task.UpstreamNumbers, task => task.DownstreamNumbers])
        {
            var layer = new List<int> { center };
            for (var depth = 0; depth < FocusDepth && found.Count < NodesMax; depth++)
            {
                layer = [.. layer.SelectMany(number => direction(_dag.Tasks[number])).Distinct().Take(NodesMax - found.Count)];
                found.UnionWith(layer);
            }
        }

        return found;
    }
}
