using DataPlatform.Kernel;

namespace DataPlatform.Orchestrator.Metadata;

/// <summary>What became of a command.</summary>
/// <param name="CommandId">The command.</param>
/// <param name="Result">What it gave, as JSON; null when it failed.</param>
/// <param name="ErrorKind">Why it failed, for the caller's code; null when it did not.</param>
/// <param name="Error">Why it failed, for people; null when it did not.</param>
public sealed record CommandAnswer(long CommandId, string? Result, ErrorKind? ErrorKind = null, string? Error = null);
