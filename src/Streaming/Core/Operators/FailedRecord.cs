namespace DataPlatform.Streaming.Operators;

/// <summary>A record that a user function threw on, and that was put aside instead of ending the job.</summary>
/// <param name="OperatorName">The operator.</param>
/// <param name="SubtaskIndex">Which of its subtasks, from 0.</param>
/// <param name="Position">Which record it was of those that the subtask took in this attempt, from 0.</param>
/// <param name="Record">The record.</param>
/// <param name="EventTimeMs">Its event time.</param>
/// <param name="Error">What the function threw.</param>
public sealed record FailedRecord(string OperatorName, int SubtaskIndex, long Position, object? Record, long EventTimeMs, Exception Error);
