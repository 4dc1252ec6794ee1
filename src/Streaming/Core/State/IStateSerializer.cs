using System.Runtime.CompilerServices;

namespace DataPlatform.Streaming.State;

/// <summary>Turns values of a type into bytes of a checkpoint and back.</summary>
/// <typeparam name="T">The type.</typeparam>
/// <remarks>Thread-safe: one instance serves all subtasks of a job.</remarks>
public interface IStateSerializer<T>
{
    /// <summary>
    /// Names the layout of the bytes. It is stored with the state; a restore with another name is refused unless <see cref="CanRead"/> agrees.
    /// </summary>
    string Schema { get; }

    /// <summary>
    /// Whether a value never changes once it is in state. Then a checkpoint writes it in the background; otherwise it is written before the
    /// subtask goes on. By default true for types without references.
    /// </summary>
    bool IsImmutable => !RuntimeHelpers.IsReferenceOrContainsReferences<T>();

    /// <summary>Whether bytes of another layout can be read by this serialiser.</summary>
    /// <param name="schema">The layout that the checkpoint names.</param>
    bool CanRead(string schema) => string.Equals(schema, Schema, StringComparison.Ordinal);

    /// <summary>Writes a value.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="value">The value.</param>
    void Write(StateWriter writer, T value);

    /// <summary>Reads a value.</summary>
    /// <param name="reader">Where from.</param>
    T Read(ref StateReader reader);
}
