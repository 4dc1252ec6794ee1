using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Checkpoints;

/// <summary>How a piece of state finds its subtasks again when the parallelism has changed.</summary>
internal enum StateKind
{
    /// <summary>By key group.</summary>
    Keyed,

    /// <summary>A list whose items may go to any subtask.</summary>
    Split,

    /// <summary>The same in every subtask.</summary>
    Broadcast,

    /// <summary>A list of which every subtask gets all items.</summary>
    Union,
}

/// <summary>A frozen piece of an operator's state, ready to be written on any thread.</summary>
internal abstract class StateSource(string operatorUid, string name, StateKind kind, string keySchema, string schema) : IDisposable
{
    public string OperatorUid { get; } = operatorUid;

    public string Name { get; } = name;

    public StateKind Kind { get; } = kind;

    public string KeySchema { get; } = keySchema;

    public string Schema { get; } = schema;

    /// <summary>The key groups to write; a single pseudo-group where the state has no keys.</summary>
    public abstract KeyGroupRange Groups { get; }

    /// <summary>Writes what belongs to a group; nothing for an empty one. Groups are asked for in order.</summary>
    public abstract void Write(int keyGroup, StateWriter writer);

    public virtual void Dispose()
    {
    }
}

/// <summary>State without keys that was turned into bytes at once.</summary>
internal sealed class BytesStateSource(string operatorUid, string name, StateKind kind, string schema, ReadOnlyMemory<byte> bytes)
    : StateSource(operatorUid, name, kind, string.Empty, schema)
{
    public override KeyGroupRange Groups => new(0, 0);

    public override void Write(int keyGroup, StateWriter writer) => writer.WriteRaw(bytes.Span);
}

/// <summary>Keyed state that its operator has sorted into groups itself; null for an empty group.</summary>
internal sealed class GroupedStateSource(
    string operatorUid, string name, string keySchema, string schema, KeyGroupRange groups, StateWriter?[] bytes)
    : StateSource(operatorUid, name, StateKind.Keyed, keySchema, schema)
{
    public override KeyGroupRange Groups => groups;

    public override void Write(int keyGroup, StateWriter writer)
    {
        if (bytes[keyGroup - groups.First] is { } group)
        {
            writer.WriteRaw(group.WrittenSpan);
        }
    }
}
