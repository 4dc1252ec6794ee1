using DataPlatform.Streaming.Graph;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Runtime;

/// <summary>Turns a plan into the subtasks and channels of one attempt.</summary>
internal sealed class SubtaskBuilder(
    string jobName, int attempt, StreamJobOptions options, ExecutionPlan plan, IJobScheduler scheduler, ISubtaskListener listener, CancellationToken cancellationToken)
{
    private readonly Dictionary<StreamEdge, EdgeChannels> _channels = [];
    private readonly Time.AlignmentGroups _alignments = new();

    public IReadOnlyList<Subtask> Build()
    {
        List<Subtask> subtasks = [];
        foreach (var vertex in plan.Vertices)
        {
            foreach (var edge in vertex.Nodes.SelectMany(static n => n.Outputs).Where(e => !plan.IsChained(e)))
            {
                _channels.Add(edge, edge.CreateChannels(attempt, edge.From.ParallelismIn(options), edge.To.ParallelismIn(options), options));
            }
        }

        foreach (var vertex in plan.Vertices)
        {
            for (var index = 0; index < vertex.Parallelism; index++)
            {
                subtasks.Add(Build(vertex, index));
            }
        }

        return subtasks;
    }

    private Subtask Build(PlannedVertex vertex, int index)
    {
        var subtask = new Subtask(vertex, index, options, scheduler, listener, cancellationToken);
        var head = Build(subtask, vertex.Head, vertex.Parallelism);
        List<InputChannel> inputs = [];
        foreach (var edge in vertex.Head.Inputs)
        {
            foreach (var channel in _channels[edge].ChannelsTo(index))
            {
                channel.Bind(head, edge.InputIndex);
                channel.Attach(sender: null, receiver: subtask);
                inputs.Add(channel);
            }
        }

        subtask.AttachInput(inputs);
        return subtask;
    }

    private StreamOperator Build(Subtask subtask, StreamNode node, int parallelism)
    {
        var built = node.CreateOperator(subtask.Index);
        built.Setup(new OperatorContext(
            jobName,
            node.Name,
            node.Uid ?? string.Empty,
            subtask.Index,
            parallelism,
            attempt,
            KeyGroups.RangeOf(subtask.Index, parallelism, options.MaxParallelism),
            options,
            subtask.Timers,
            subtask.Wake,
            node.FailedTag)
        { Alignments = _alignments });
        foreach (var outputs in node.Outputs.GroupBy(static e => e.SideTag))
        {
            var joined = outputs.First().Join([.. outputs.Select(edge => Connect(subtask, edge, parallelism))]);
            if (outputs.Key is { } tag)
            {
                built.AttachSide(tag, joined);
            }
            else
            {
                built.AttachMain(joined);
            }
        }

        subtask.AddOperator(built);
        return built;
    }

    private IOutput Connect(Subtask subtask, StreamEdge edge, int parallelism)
    {
        if (plan.IsChained(edge))
        {
            return edge.Chain(Build(subtask, edge.To, parallelism));
        }

        var output = _channels[edge].OutputOf(subtask.Index);
        foreach (var channel in _channels[edge].ChannelsFrom(subtask.Index))
        {
            channel.Attach(sender: subtask, receiver: null);
        }

        subtask.AddChannelOutput((IChannelOutput)output);
        return output;
    }
}
