namespace DataPlatform.Streaming.Graph;

/// <summary>A chain (or tree) of operators that run in the same subtasks.</summary>
internal sealed record PlannedVertex(int Id, StreamNode Head, IReadOnlyList<StreamNode> Nodes, int Parallelism);

/// <summary>The graph cut into vertices: an operator joins its upstream's vertex when nothing has to change hands between them.</summary>
internal sealed class ExecutionPlan
{
    private readonly HashSet<StreamEdge> _chained = [];

    /// <param name="graph">The graph.</param>
    /// <param name="options">Gives the parallelism.</param>
    /// <param name="inFlight">
    /// The uids of edges that the restored checkpoint holds records of: they need channels, also where they would be chained now.
    /// </param>
    public ExecutionPlan(StreamGraph graph, StreamJobOptions options, IReadOnlySet<string>? inFlight = null)
    {
        var vertexOf = new Dictionary<StreamNode, List<StreamNode>>();
        List<List<StreamNode>> vertices = [];

        // Nodes are numbered as they are added, and a node is added after those it reads from.
        foreach (var node in graph.Nodes)
        {
            if (node.Inputs is [var edge] && IsChained(edge, options) && inFlight?.Contains(edge.Uid) != true)
            {
                _chained.Add(edge);
                vertexOf[node] = vertexOf[edge.From];
            }
            else
            {
                vertexOf[node] = [];
                vertices.Add(vertexOf[node]);
            }

            vertexOf[node].Add(node);
        }

        Vertices = [.. vertices.Select((nodes, id) => new PlannedVertex(id, nodes[0], nodes, nodes[0].ParallelismIn(options)))];
    }

    public IReadOnlyList<PlannedVertex> Vertices { get; }

    public bool IsChained(StreamEdge edge) => _chained.Contains(edge);

    private static bool IsChained(StreamEdge edge, StreamJobOptions options)
    {
        var parallelism = edge.From.ParallelismIn(options);
        return edge.To.ParallelismIn(options) == parallelism && edge.IsChainable(parallelism);
    }
}
