namespace DataPlatform.Streaming.Checkpoints;

/// <summary>Everything a complete checkpoint consists of. Written last, so that its presence makes the checkpoint complete.</summary>
internal sealed record CheckpointManifest
{
    public required string JobName { get; init; }

    public required long CheckpointId { get; init; }

    public required int Attempt { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required int MaxParallelism { get; init; }

    public required int KeyHashVersion { get; init; }

    public required IReadOnlyList<OperatorState> Operators { get; init; }

    public required IReadOnlyList<SinkState> Sinks { get; init; }
}

/// <summary>The state of one operator, over all its subtasks.</summary>
internal sealed record OperatorState(string Uid, IReadOnlyList<StateSection> Sections);

/// <summary>A part of a state file.</summary>
internal sealed record StateSection(
    string File, long Offset, int Length, string Checksum, string State, StateKind Kind, string KeySchema, string Schema, int FirstKeyGroup, int LastKeyGroup);

/// <summary>What a sink has prepared and what was not known to be committed when the manifest was written.</summary>
internal sealed record SinkState(string Uid, IReadOnlyList<SinkEpoch> Epochs);

/// <summary>What the subtasks of a sink prepared for one checkpoint.</summary>
internal sealed record SinkEpoch(long CheckpointId, IReadOnlyList<ReadOnlyMemory<byte>> Committables);
