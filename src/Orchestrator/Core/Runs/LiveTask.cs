using DataPlatform.Orchestrator.Dags;

namespace DataPlatform.Orchestrator.Runs;

/// <summary>A task instance in the scheduler's memory; <see cref="ToInstance"/> is its image for the store.</summary>
internal sealed class LiveTask(DagTask definition, TaskKey key)
{
    public DagTask Definition { get; } = definition;

    public TaskKey Key { get; } = key;

    public TaskState State { get; set; }

    public int Try { get; set; }

    public long Epoch { get; set; }

    public int Failures { get; set; }

    public int InfrastructureFailures { get; set; }

    public DateTimeOffset? ReadyAt { get; set; }

    public DateTimeOffset? QueuedAt { get; set; }

    public DateTimeOffset? StartedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    public DateTimeOffset? WakeAt { get; set; }

    public string? Executor { get; set; }

    public string? Note { get; set; }

    /// <summary>Whether it waits to be written with the current step.</summary>
    public bool IsDirty { get; set; }

    public void Load(TaskInstance stored)
    {
        State = stored.State;
        Try = stored.Try;
        Epoch = stored.Epoch;
        Failures = stored.Failures;
        InfrastructureFailures = stored.InfrastructureFailures;
        ReadyAt = stored.ReadyAt;
        QueuedAt = stored.QueuedAt;
        StartedAt = stored.StartedAt;
        EndedAt = stored.EndedAt;
        WakeAt = stored.WakeAt;
        Executor = stored.Executor;
        Note = stored.Note;
    }

    public TaskInstance ToInstance() => new()
    {
        Key = Key,
        TaskId = Definition.Id,
        State = State,
        Try = Try,
        Epoch = Epoch,
        Failures = Failures,
        InfrastructureFailures = InfrastructureFailures,
        ReadyAt = ReadyAt,
        QueuedAt = QueuedAt,
        StartedAt = StartedAt,
        EndedAt = EndedAt,
        WakeAt = WakeAt,
        Pool = Definition.Pool,
        Executor = Executor,
        Note = Note,
    };
}
