using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.Runtime;

namespace DataPlatform.Streaming.Graph;

/// <summary>A connection of two operators. It knows the records' type, so that the plan above it does not have to.</summary>
internal abstract class StreamEdge(StreamNode from, StreamNode to, int inputIndex, string? sideTag)
{
    public StreamNode From { get; } = from;

    public StreamNode To { get; } = to;

    public int InputIndex { get; } = inputIndex;

    /// <summary>The side output it comes from; null for the main one.</summary>
    public string? SideTag { get; } = sideTag;

    /// <summary>Whose records in flight are whose in an unaligned checkpoint; stable as long as the job's shape is.</summary>
    public string Uid => string.Create(CultureInfo.InvariantCulture, $"{InFlightState.UidPrefix}{To.Uid ?? $"node-{To.Id}"}/{To.Inputs.IndexOf(this)}");

    /// <summary>Refuses what the edge cannot do.</summary>
    public abstract void Validate(StreamJobOptions options, bool isChained);

    /// <summary>Whether records stay in the subtask when both ends have the same parallelism.</summary>
    public abstract bool IsChainable(int parallelism);

    /// <summary>Connects two operators of one subtask.</summary>
    public abstract IOutput Chain(StreamOperator target);

    /// <summary>Makes the channels between all subtasks of both ends.</summary>
    public abstract EdgeChannels CreateChannels(int attempt, int fromParallelism, int toParallelism, StreamJobOptions options);

    /// <summary>Puts outputs of the same operator together.</summary>
    public abstract IOutput Join(IReadOnlyList<IOutput> outputs);
}

/// <summary>The channels of one edge in one attempt.</summary>
internal abstract class EdgeChannels
{
    /// <summary>The output of one sending subtask.</summary>
    public abstract IOutput OutputOf(int fromSubtask);

    /// <summary>The channels that a sending subtask writes to.</summary>
    public abstract IEnumerable<InputChannel> ChannelsFrom(int fromSubtask);

    /// <summary>The channels that a receiving subtask reads from.</summary>
    public abstract IEnumerable<InputChannel> ChannelsTo(int toSubtask);
}

/// <summary>An edge with records of a type.</summary>
internal sealed class StreamEdge<T>(StreamNode from, StreamNode to, int inputIndex, string? sideTag, Partitioning<T> partitioning)
    : StreamEdge(from, to, inputIndex, sideTag)
{
    public override bool IsChainable(int parallelism) => partitioning.IsForward || (parallelism == 1 && partitioning.IsKeyed);

    public override IOutput Chain(StreamOperator target) => partitioning.Chain(target, InputIndex);

    public override IOutput Join(IReadOnlyList<IOutput> outputs) => outputs.Count == 1 ? outputs[0] : new FanOutput<T>([.. outputs.Cast<Output<T>>()]);

    public override void Validate(StreamJobOptions options, bool isChained)
    {
        var (fromParallelism, toParallelism) = (From.ParallelismIn(options), To.ParallelismIn(options));
        if (partitioning.Refuse(fromParallelism, toParallelism) is { } why)
        {
            throw new StreamJobException(ErrorKind.Invalid, $"Operators '{From.Name}' and '{To.Name}' cannot be connected: {why}.") { OperatorName = To.Name };
        }

        if (!isChained && options.AlignmentTimeout is not null && partitioning.CanRecord(fromParallelism, toParallelism) && !options.Serializers.Has<T>())
        {
            throw new StreamJobException(
                ErrorKind.Invalid,
                $"Unaligned checkpoints hold records on their way from '{From.Name}' to '{To.Name}', and '{typeof(T)}' has no state serialiser: register one, or leave {nameof(StreamJobOptions.AlignmentTimeout)} null.")
            { OperatorName = To.Name };
        }
    }

    public override EdgeChannels CreateChannels(int attempt, int fromParallelism, int toParallelism, StreamJobOptions options)
    {
        var channels = new LocalChannel<T>?[fromParallelism, toParallelism];
        var settings = new ChannelSettings<T>(
            Uid,
            attempt,
            options.ChannelCapacity,
            options.BatchSize,
            partitioning.IsKeyed,
            options.MaxParallelism,
            options.Serializers.Has<T>() ? options.Serializers.Get<T>() : null,
            partitioning.CanRecord(fromParallelism, toParallelism));
        for (var from = 0; from < fromParallelism; from++)
        {
            for (var to = 0; to < toParallelism; to++)
            {
                if (partitioning.Connects(from, to, fromParallelism, toParallelism))
                {
                    channels[from, to] = new LocalChannel<T>(settings) { HashOf = partitioning.CreateHash() };
                }
            }
        }

        return new Channels(channels, partitioning, attempt, options);
    }

    private sealed class Channels(LocalChannel<T>?[,] matrix, Partitioning<T> partitioning, int attempt, StreamJobOptions options) : EdgeChannels
    {
        public override IOutput OutputOf(int fromSubtask)
            => partitioning.CreateOutput([.. ChannelsFrom(fromSubtask).Cast<LocalChannel<T>>()], fromSubtask, attempt, options);

        public override IEnumerable<InputChannel> ChannelsFrom(int fromSubtask)
            => Enumerable.Range(0, matrix.GetLength(1)).Select(to => matrix[fromSubtask, to]).OfType<InputChannel>();

        public override IEnumerable<InputChannel> ChannelsTo(int toSubtask)
            => Enumerable.Range(0, matrix.GetLength(0)).Select(from => matrix[from, toSubtask]).OfType<InputChannel>();
    }
}
