using DataPlatform.Kernel;

namespace DataPlatform.Streaming.Graph;

/// <summary>The operators of a job and their connections, as the user wrote them.</summary>
internal sealed class StreamGraph
{
    private readonly List<StreamNode> _nodes = [];

    public IReadOnlyList<StreamNode> Nodes => _nodes;

    public T Add<T>(Func<int, T> create)
        where T : StreamNode
    {
        var node = create(_nodes.Count);
        _nodes.Add(node);
        return node;
    }

    /// <summary>The named datasets that an operator's records come from, by name.</summary>
    public static IReadOnlyList<DatasetId> DatasetsBefore(StreamNode node)
    {
        var seen = new HashSet<StreamNode> { node };
        var left = new Stack<StreamNode>(seen);
        while (left.TryPop(out var next))
        {
            foreach (var before in next.Inputs.Select(static edge => edge.From).Where(seen.Add))
            {
                left.Push(before);
            }
        }

        return [.. seen.Select(static known => known.Dataset).OfType<DatasetId>().Distinct().OrderBy(static dataset => dataset.Name, StringComparer.Ordinal)];
    }

    /// <summary>Refuses a graph that cannot run or whose state could not be found again.</summary>
    public void Validate(StreamJobOptions options)
    {
        if (!_nodes.Exists(static n => n.IsSource))
        {
            throw new StreamJobException(ErrorKind.Invalid, "The job has no source.");
        }

        var owners = new Dictionary<string, StreamNode>(StringComparer.Ordinal);
        foreach (var node in _nodes)
        {
            if (node.Uid is { } uid && !owners.TryAdd(uid, node))
            {
                throw new StreamJobException(
                    ErrorKind.Invalid, $"Operators '{owners[uid].Name}' and '{node.Name}' have the same uid '{uid}': a uid says whose state is whose, so it must be unique.")
                { OperatorName = node.Name };
            }

            if (node.ParallelismIn(options) < 1 || node.ParallelismIn(options) > options.MaxParallelism)
            {
                throw new StreamJobException(
                    ErrorKind.Invalid, $"Operator '{node.Name}' has parallelism {node.ParallelismIn(options)}; it must be 1 to MaxParallelism ({options.MaxParallelism}).")
                { OperatorName = node.Name };
            }
        }

        var plan = new ExecutionPlan(this, options);
        foreach (var edge in _nodes.SelectMany(static n => n.Outputs))
        {
            edge.Validate(options, plan.IsChained(edge));
        }
    }
}
