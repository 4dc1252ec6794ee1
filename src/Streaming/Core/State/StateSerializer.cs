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
        return Create(
            $"({first.Schema},{second.Schema})",
            (writer, value) =>
            {
                first.Write(writer, value.Item1);
                second.Write(writer, value.Item2);
            },
            (ref StateReader reader) => (first.Read(ref reader), second.Read(ref reader)),
            first.IsImmutable && second.IsImmutable);
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
