namespace DataPlatform.Streaming.Checkpoints;

/// <summary>What the operators of one subtask put into a checkpoint. Filled on the mailbox, written afterwards.</summary>
internal sealed class SubtaskSnapshot(long checkpointId, CancellationToken cancellationToken, string? savepoint = null) : IDisposable
{
    private readonly List<StateSource> _states = [];
    private readonly List<(string SinkUid, Task<ReadOnlyMemory<byte>> Prepared)> _committables = [];

    private readonly List<StateUpload> _uploads = [];

    public long CheckpointId { get; } = checkpointId;

    /// <summary>The savepoint that it goes into; null for a checkpoint.</summary>
    public string? Savepoint { get; } = savepoint;

    /// <summary>
    /// Whether the state is written whole, in the one form that every back end reads and in the one order of its entries, referring to no
    /// file of another checkpoint.
    /// </summary>
    public bool IsSavepoint => Savepoint is not null;

    /// <summary>Whether the checkpoint was given up before the subtask had everything together. What sinks have prepared is still to be told.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>Databases whose files are uploaded as they are; none in a savepoint.</summary>
    public IReadOnlyList<StateUpload> Uploads => _uploads;

    public IReadOnlyList<StateSource> States => _states;

    public IReadOnlyList<(string SinkUid, Task<ReadOnlyMemory<byte>> Prepared)> Committables => _committables;

    public void Add(StateSource state) => _states.Add(state);

    public void Add(StateUpload upload) => _uploads.Add(upload);

    /// <summary>Starts to prepare what a sink has written; the first part runs here and now.</summary>
    public void AddCommittable(string sinkUid, Func<long, CancellationToken, ValueTask<ReadOnlyMemory<byte>>> prepare)
        => _committables.Add((sinkUid, prepare(CheckpointId, cancellationToken).AsTask()));

    public void Dispose()
    {
        foreach (var state in _states)
        {
            state.Dispose();
        }

        foreach (var upload in _uploads)
        {
            upload.Dispose();
        }
    }
}
