using System.Text.Json;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Scheduling;

namespace DataPlatform.Orchestrator.Metadata;

/// <summary>A command as the store keeps it.</summary>
public sealed record QueuedCommand
{
    /// <summary>Its number, growing.</summary>
    public long Id { get; init; }

    /// <summary>The DAG it is about.</summary>
    public required string DagId { get; init; }

    /// <summary>What is to be done, as JSON with its kind first.</summary>
    public required string Body { get; init; }

    /// <summary>The caller's name for the request, unique by DAG; null for none.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>The command that starts a run.</summary>
    /// <param name="dagId">The DAG.</param>
    /// <param name="conf">What its tasks read with <see cref="TaskContext.Conf{T}"/>; serialised as JSON. Null for nothing.</param>
    /// <param name="logicalDate">The run's name in time; null for when the scheduler makes it.</param>
    /// <param name="idempotencyKey">The run's key; null for none.</param>
    public static QueuedCommand Trigger(string dagId, object? conf, DateTimeOffset? logicalDate, string? idempotencyKey)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(dagId);
        var json = conf is null ? null : JsonSerializer.Serialize(conf, JsonSerializerOptions.Web);
        return new TriggerCommand(dagId, json, logicalDate?.ToUniversalTime(), idempotencyKey).ToQueued();
    }
}
