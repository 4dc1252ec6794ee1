using DataPlatform.Streaming.Operators;

namespace DataPlatform.Streaming.Runtime;

/// <summary>What an operator threw, with the operator; it becomes a <see cref="StreamJobException"/> at the subtask.</summary>
internal sealed class OperatorException(StreamOperator failed, Exception cause, long? position = null) : Exception(cause.Message, cause)
{
    public StreamOperator Failed { get; } = failed;

    /// <summary>Which record it was of those that the operator took in this attempt, from 0; null where it was none.</summary>
    public long? Position { get; } = position;
}
