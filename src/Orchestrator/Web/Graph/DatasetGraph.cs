using System.Globalization;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Web.Lists;
using DataPlatform.Web.Graphs;
using DataPlatform.Web.Pages;

namespace DataPlatform.Orchestrator.Web.Graph;

/// <summary>How data goes through DAGs: tasks write datasets, datasets start DAGs, and those have tasks.</summary>
internal sealed class DatasetGraph
{
    private readonly List<GraphNode> _nodes = [];
    private readonly List<GraphEdge> _edges = [];
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly string _root;
    private readonly DateTimeOffset _now;

    private DatasetGraph(string root, DateTimeOffset now) => (_root, _now) = (root, now);

    /// <summary>Draws some datasets with what is around them.</summary>
    /// <param name="uses">The datasets.</param>
    /// <param name="root">Where the pages are.</param>
    /// <param name="now">The present.</param>
    public static GraphChart Draw(IReadOnlyList<DatasetUse> uses, string root, DateTimeOffset now)
    {
        var graph = new DatasetGraph(root, now);
        foreach (var use in uses)
        {
            graph.Add(use);
        }

        return new GraphChart { Title = "Datasets, the tasks that write and read them, and the DAGs they start", Nodes = graph._nodes, Edges = graph._edges };
    }

    /// <summary>A version as people read it: a number, or the instant of an update without one.</summary>
    public static string Version(long version) => version < 0 ? "none"
        : DatasetUpdate.Is(version) ? DatasetUpdate.InstantOf(version).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)
        : version.ToString(CultureInfo.InvariantCulture);

    private void Add(DatasetUse use)
    {
        var dataset = Place("dataset " + use.Dataset.Name, id => new GraphNode(id, use.Dataset.Name)
        {
            IsRound = true,
            Detail = use.UpdatedAt is { } at ? "updated " + Ages.Of(at, _now) : Versions(use),
            Tip = use.UpdatedAt is { } since ? $"updated {since:yyyy-MM-dd HH:mm:ss} UTC" : Versions(use),
        });
        foreach (var task in use.Producers)
        {
            _edges.Add(new GraphEdge(Task(task), dataset, Tip: $"{task} writes {use.Dataset}"));
        }

        foreach (var task in use.Readers)
        {
            _edges.Add(new GraphEdge(dataset, Task(task), Tip: $"{task} reads {use.Dataset}"));
        }

        foreach (var consumer in use.Consumers)
        {
            _edges.Add(new GraphEdge(dataset, Dag(consumer.DagId), consumer.HasNews,
                $"consumed version {Version(consumer.ConsumedVersion)} of {Version(consumer.SeenVersion)}"));
        }
    }

    private static string Versions(DatasetUse use) => use.Consumers.Count == 0 ? "no update seen"
        : $"version {Version(use.Consumers.Max(consumer => consumer.SeenVersion))}";

    private int Dag(string dagId) => Place("dag " + dagId, id => new GraphNode(id, dagId)
    {
        Href = $"{_root}dag/{dagId}",
        Colour = "var(--accent)",
        Detail = "DAG",
    });

    private int Task(TaskUse task)
    {
        var id = $"task {task}";
        if (_places.TryGetValue(id, out var known))
        {
            return known;
        }

        var dag = Dag(task.DagId);
        var place = Place(id, name => new GraphNode(name, task.TaskId)
        {
            Href = $"{_root}dag/{task.DagId}/graph?focus={Uri.EscapeDataString(task.TaskId)}",
            Detail = $"task of {task.DagId}",
            Tip = $"task of {task.DagId}",
        });
        _edges.Add(new GraphEdge(dag, place, Tip: $"{task.TaskId} is a task of {task.DagId}"));
        return place;
    }

    private int Place(string id, Func<string, GraphNode> make)
    {
        if (!_places.TryGetValue(id, out var place))
        {
            _places[id] = place = _nodes.Count;
            _nodes.Add(make(id));
        }

        return place;
    }
}
