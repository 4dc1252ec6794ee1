using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Execution;

/// <summary>What a process beside the scheduler must know of a try to run it, as JSON between them.</summary>
public sealed record HostedTry
{
    /// <summary>The instance, with its number of tries and its epoch.</summary>
    public required TaskInstance Instance { get; init; }

    /// <summary>What a mapped instance is about, as JSON; null for others, and where it is taken from a large list.</summary>
    public string? Item { get; init; }

    /// <summary>The program of a task that is a command, so that whoever runs it needs no code of the DAG; null for others.</summary>
    public CommandBody? Command { get; init; }
}
