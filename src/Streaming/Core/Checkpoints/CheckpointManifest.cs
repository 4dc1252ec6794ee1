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
internal sealed record OperatorState(string Uid, IReadOnlyList<StateSection> Sections, IReadOnlyList<StateDatabase>? Databases = null)
{
    public bool IsEmpty => Sections.Count == 0 && Databases is null or [];
}

/// <summary>State in the files of a back end's own database: that of one subtask.</summary>
/// <param name="Backend">The back end that reads them.</param>
/// <param name="FirstKeyGroup">The first key group in it.</param>
/// <param name="LastKeyGroup">The last key group in it.</param>
/// <param name="States">What is in it.</param>
/// <param name="Files">Its files.</param>
internal sealed record StateDatabase(
    string Backend, int FirstKeyGroup, int LastKeyGroup, IReadOnlyList<DatabaseState> States, IReadOnlyList<DatabaseFile> Files);

/// <summary>A state in a database and the layouts of its keys and values.</summary>
internal sealed record DatabaseState(string Name, string KeySchema, string Schema);

/// <summary>A file of a database: its name there, and where it lies in the store. Several checkpoints may refer to one.</summary>
internal sealed record DatabaseFile(string Name, string File, long Length, string Checksum);

/// <summary>A part of a state file.</summary>
internal sealed record StateSection(
    string File, long Offset, int Length, string Checksum, string State, StateKind Kind, string KeySchema, string Schema, int FirstKeyGroup, int LastKeyGroup);

/// <summary>What a sink has prepared and what was not known to be committed when the manifest was written.</summary>
internal sealed record SinkState(string Uid, IReadOnlyList<SinkEpoch> Epochs);

/// <summary>What the subtasks of a sink prepared for one checkpoint.</summary>
internal sealed record SinkEpoch(long CheckpointId, IReadOnlyList<ReadOnlyMemory<byte>> Committables);
