using DataPlatform.Kernel;

namespace DataPlatform.Streaming;

/// <summary>A job could not be built, restored, checkpointed or run.</summary>
public sealed class StreamJobException : DataPlatformException
{
    /// <summary>Describes a failure.</summary>
    /// <param name="kind">What the caller can do.</param>
    /// <param name="message">What went wrong and the remedy.</param>
    /// <param name="innerException">The cause.</param>
    public StreamJobException(ErrorKind kind, string message, Exception? innerException = null)
        : base(kind, message, innerException)
    {
    }

    /// <summary>The operator concerned, by its name; null when it is the job as a whole.</summary>
    public string? OperatorName { get; init; }

    /// <summary>The subtask concerned, from 0; null when it is the job as a whole.</summary>
    public int? SubtaskIndex { get; init; }

    /// <summary>Which record it was of those that the operator's subtask took in the attempt, from 0; null where it was none.</summary>
    public long? RecordPosition { get; init; }
}
