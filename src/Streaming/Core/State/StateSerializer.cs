namespace DataPlatform.Streaming.State;

/// <summary>Makes serialisers from delegates and from other serialisers.</summary>
public static class StateSerializer
{
    /// <summary>A serialiser from two delegates.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="schema">Names the layout; change it when the layout changes.</param>
    /// <param name="write">Writes a value.</param>
    /// <param name="read">Reads a value.</param>
    /// <param name="isImmutable">Whether a value never changes once it is in state; null for types without references.</param>
    public static IStateSerializer<T> Create<T>(string schema, Action<StateWriter, T> write, StateRead<T> read, bool? isImmutable = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(schema);
        ArgumentNullException.ThrowIfNull(write);
        ArgumentNullException.ThrowIfNull(read);
        return new DelegateSerializer<T>(schema, write, read, isImmutable);
    }

    /// <summary>A serialiser of pairs.</summary>
    /// <typeparam name="TFirst">The first part.</typeparam>
    /// <typeparam name="TSecond">The second part.</typeparam>
    /// <param name="first">Serialises the first part.</param>
    /// <param name="second">Serialises the second part.</param>
    public static IStateSerializer<(TFirst, TSecond)> Pair<TFirst, TSecond>(IStateSerializer<TFirst> first, IStateSerializer<TSecond> second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return new PairSerializer<TFirst, TSecond>(first, second);
    }

    private sealed class PairSerializer<TFirst, TSecond>(IStateSerializer<TFirst> first, IStateSerializer<TSecond> second) : IStateSerializer<(TFirst, TSecond)>
    {
        public string Schema => $"({first.Schema},{second.Schema})";

        public bool IsImmutable => first.IsImmutable && second.IsImmutable;

        public (TFirst, TSecond) Copy((TFirst, TSecond) value) => (first.Copy(value.Item1), second.Copy(value.Item2));

        public bool CanRead(string schema)
            => SchemaText.TryOpen(schema, string.Empty, out var parts) && parts.Count == 2 && first.CanRead(parts[0]) && second.CanRead(parts[1]);

        public IStateSerializer<(TFirst, TSecond)>? FindReader(string schema, out string reason)
        {
            reason = $"it is no pair but '{schema}'";
            return SchemaText.TryOpen(schema, string.Empty, out var parts) && parts.Count == 2
                && first.FindReader(parts[0], out reason) is { } foundFirst && second.FindReader(parts[1], out reason) is { } foundSecond
                ? ReferenceEquals(foundFirst, first) && ReferenceEquals(foundSecond, second) ? this : new PairSerializer<TFirst, TSecond>(foundFirst, foundSecond)
                : null;
        }

        public void Write(StateWriter writer, (TFirst, TSecond) value)
        {
            first.Write(writer, value.Item1);
            second.Write(writer, value.Item2);
        }

        public (TFirst, TSecond) Read(ref StateReader reader) => (first.Read(ref reader), second.Read(ref reader));
    }

    private sealed class DelegateSerializer<T>(string schema, Action<StateWriter, T> write, StateRead<T> read, bool? isImmutable) : IStateSerializer<T>
    {
        public string Schema => schema;

        public bool IsImmutable => isImmutable ?? !System.Runtime.CompilerServices.RuntimeHelpers.IsReferenceOrContainsReferences<T>();

        public void Write(StateWriter writer, T value) => write(writer, value);

        public T Read(ref StateReader reader) => read(ref reader);
    }
}

/// <summary>Reads a value from state.</summary>
/// <typeparam name="T">The type.</typeparam>
/// <param name="reader">Where from.</param>
public delegate T StateRead<out T>(ref StateReader reader);
