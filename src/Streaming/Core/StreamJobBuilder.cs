using DataPlatform.Kernel;
using DataPlatform.Streaming.Graph;
using DataPlatform.Streaming.Sources;
using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming;

/// <summary>Where a job begins: add sources, transform their streams, end in sinks, then build.</summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class StreamJobBuilder
{
    /// <summary>Begins a job.</summary>
    /// <param name="name">Its name: letters, digits, <c>-</c>, <c>_</c> and <c>.</c>; it is a folder of the checkpoint store.</param>
    /// <param name="options">Its settings; defaults when null.</param>
    public StreamJobBuilder(string name, StreamJobOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (name.StartsWith('.') || !name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            throw new ArgumentException($"'{name}' is no job name: letters, digits, '-', '_' and '.' only, not beginning with '.'.", nameof(name));
        }

        Name = name;
        Options = options ?? new StreamJobOptions();
        Options.Validate();
    }

    /// <summary>The job's name.</summary>
    public string Name { get; }

    /// <summary>The job's settings.</summary>
    public StreamJobOptions Options { get; }

    /// <summary>The serialisers of keys and state; register those of types that are not built in before the streams that need them.</summary>
    public StateSerializers Serializers => Options.Serializers;

    internal StreamGraph Graph { get; } = new();

    /// <summary>Adds a source.</summary>
    /// <typeparam name="T">What it delivers.</typeparam>
    /// <param name="name">Its name in metrics and errors.</param>
    /// <param name="uid">Its identity in checkpoints, unique in the job and stable over its life.</param>
    /// <param name="source">The source.</param>
    /// <param name="watermarks">How event time advances.</param>
    /// <param name="dataset">What it reads, for the lineage of what the job writes; null: what the source itself says (<see cref="IDatasetSource"/>).</param>
    public DataStream<T> FromSource<T>(string name, string uid, ISource<T> source, WatermarkStrategy<T> watermarks, DatasetId? dataset = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        CheckUid(name, uid);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(watermarks);
        var node = Graph.Add(id => new SourceNode<T>(id, name, uid, source, watermarks, dataset));
        return new DataStream<T>(this, new StreamTap(node, null));
    }

    /// <summary>Checks the job and fixes it.</summary>
    /// <exception cref="StreamJobException">The job has no source, or a uid occurs twice, or a parallelism is out of range.</exception>
    public StreamJob Build()
    {
        Options.Validate();
        Graph.Validate(Options);
        return new StreamJob(Name, Options, Graph);
    }

    internal static void CheckUid(string name, string uid)
    {
        if (uid?.StartsWith('$') == true)
        {
            throw new StreamJobException(ErrorKind.Invalid, $"Operator '{name}' has the uid '{uid}': uids that begin with '$' are the job's own.") { OperatorName = name };
        }

        if (string.IsNullOrWhiteSpace(uid))
        {
            throw new StreamJobException(
                ErrorKind.Invalid, $"Operator '{name}' keeps state and has no uid: give it one that is unique in the job and never changes, or its state cannot be found again.")
            { OperatorName = name };
        }
    }
}
