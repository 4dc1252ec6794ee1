using DataPlatform.Orchestrator.Dags;

namespace DataPlatform.Orchestrator.Runs;

/// <summary>A task instance in the scheduler's memory; <see cref="ToInstance"/> is its image for the store.</summary>
internal sealed class LiveTask(DagTask definition, TaskKey key)
{
    /// <summary>Counts of the direct upstream instances of the same mapped group and index. A field, because it is counted in
    /// place.</summary>
    public UpstreamCounts Inside;

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

    /// <summary>When the body first began since the task was cleared: what a sensor's time limit counts from.</summary>
    public DateTimeOffset? FirstStartedAt { get; set; }

    public DateTimeOffset? WakeAt { get; set; }

    public string? Executor { get; set; }

    public string? Note { get; set; }

    /// <summary>Whether a branch or short circuit of the same mapped group and index decided that it does not run.</summary>
    public bool IsExcluded { get; set; }

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
        FirstStartedAt = stored.FirstStartedAt;
        Executor = stored.Executor;
        Note = stored.Note;
    }

    /// <summary>Forgets the tries since the last clear, but not how many there were.</summary>
    public void Reset()
    {
        Failures = 0;
        InfrastructureFailures = 0;
        (ReadyAt, QueuedAt, StartedAt, EndedAt, WakeAt, FirstStartedAt) = (null, null, null, null, null, null);
        Note = null;
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
        FirstStartedAt = FirstStartedAt,
        Pool = Definition.Pool,
        PoolSlots = Definition.PoolSlots,
        Executor = Executor,
        Note = Note,
    };
}
