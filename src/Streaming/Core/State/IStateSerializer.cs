using System.Runtime.CompilerServices;

namespace DataPlatform.Streaming.State;

/// <summary>Turns values of a type into bytes of a checkpoint and back.</summary>
/// <typeparam name="T">The type.</typeparam>
/// <remarks>Thread-safe: one instance serves all subtasks of a job.</remarks>
public interface IStateSerializer<T>
{
    /// <summary>
    /// Names the layout of the bytes. It is stored with the state; a restore with another name is refused unless <see cref="CanRead"/>
    /// agrees.
    /// </summary>
    string Schema { get; }

    /// <summary>
    /// Whether a value never changes once it is in state. Otherwise a checkpoint and the state share it only until it is next asked for,
    /// which
    /// makes a copy. By default true for types without references.
    /// </summary>
    bool IsImmutable => !RuntimeHelpers.IsReferenceOrContainsReferences<T>();

    /// <summary>Copies a value so that changes of one do not show in the other. By default through its bytes.</summary>
    /// <param name="value">The value.</param>
    T Copy(T value)
    {
        if (IsImmutable)
        {
            return value;
        }

        var writer = new StateWriter();
        Write(writer, value);
        var reader = new StateReader(writer.WrittenSpan);
        return Read(ref reader);
    }

    /// <summary>Whether bytes of another layout can be read by this serialiser.</summary>
    /// <param name="schema">The layout that the checkpoint names.</param>
    bool CanRead(string schema) => string.Equals(schema, Schema, StringComparison.Ordinal);

    /// <summary>Finds what reads values that were stored in another layout.</summary>
    /// <param name="schema">The layout that the checkpoint names.</param>
    /// <param name="reason">Why there is none: what differs.</param>
    /// <returns>This serialiser where it reads the layout itself; null when the layout cannot be read.</returns>
    IStateSerializer<T>? FindReader(string schema, out string reason)
    {
        reason = CanRead(schema) ? string.Empty : $"its layout is '{Schema}', not '{schema}'";
        return reason.Length == 0 ? this : null;
    }

    /// <summary>Writes a value.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="value">The value.</param>
    void Write(StateWriter writer, T value);

    /// <summary>Reads a value.</summary>
    /// <param name="reader">Where from.</param>
    T Read(ref StateReader reader);
}
