using DataPlatform.Streaming.Operators;

namespace DataPlatform.Streaming.Runtime;

/// <summary>What an operator threw, with the operator; it becomes a <see cref="StreamJobException"/> at the subtask.</summary>
internal sealed class OperatorException(StreamOperator failed, Exception cause) : Exception(cause.Message, cause)
{
    public StreamOperator Failed { get; } = failed;
}
