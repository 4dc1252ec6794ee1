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
    public static IStateSerializer<(TFirst, TSecond)> Pair<TFirst, TSecond>(
        IStateSerializer<TFirst> first, IStateSerializer<TSecond> second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return new PairSerializer<TFirst, TSecond>(first, second);
    }

    /// <summary>A serialiser of triples.</summary>
    /// <typeparam name="T1">The first part.</typeparam>
    /// <typeparam name="T2">The second part.</typeparam>
    /// <typeparam name="T3">The third part.</typeparam>
    /// <param name="first">Serialises the first part.</param>
    /// <param name="second">Serialises the second part.</param>
    /// <param name="third">Serialises the third part.</param>
    public static IStateSerializer<(T1, T2, T3)> Triple<T1, T2, T3>(
        IStateSerializer<T1> first, IStateSerializer<T2> second, IStateSerializer<T3> third)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentNullException.ThrowIfNull(third);
        return Create(
            $"({first.Schema},{second.Schema},{third.Schema})",
            (writer, value) =>
            {
                first.Write(writer, value.Item1);
                second.Write(writer, value.Item2);
                third.Write(writer, value.Item3);
            },
            (ref StateReader reader) => (first.Read(ref reader), second.Read(ref reader), third.Read(ref reader)),
            first.IsImmutable && second.IsImmutable && third.IsImmutable);
    }

    /// <summary>The serialiser of a type that needs no registration: a built-in one, or a generated one.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <exception cref="StreamJobException">There is none.</exception>
    public static IStateSerializer<T> Of<T>() => BuiltIn.Get<T>();

    /// <summary>A serialiser of lists.</summary>
    /// <typeparam name="T">The items.</typeparam>
    /// <param name="item">Serialises an item.</param>
    public static IStateSerializer<List<T>> List<T>(IStateSerializer<T> item)
        => new SequenceSerializer<List<T>, T>("list", item, static list => list);

    /// <summary>A serialiser of arrays.</summary>
    /// <typeparam name="T">The items.</typeparam>
    /// <param name="item">Serialises an item.</param>
    public static IStateSerializer<T[]> Array<T>(IStateSerializer<T> item)
        => new SequenceSerializer<T[], T>("array", item, static list => [.. list]);

    /// <summary>A serialiser of sets.</summary>
    /// <typeparam name="T">The items.</typeparam>
    /// <param name="item">Serialises an item.</param>
    public static IStateSerializer<HashSet<T>> Set<T>(IStateSerializer<T> item)
        => new SequenceSerializer<HashSet<T>, T>("set", item, static list => [.. list]);

    /// <summary>A serialiser of dictionaries.</summary>
    /// <typeparam name="TKey">The keys.</typeparam>
    /// <typeparam name="TValue">The values.</typeparam>
    /// <param name="key">Serialises a key.</param>
    /// <param name="value">Serialises a value.</param>
    public static IStateSerializer<Dictionary<TKey, TValue>> Map<TKey, TValue>(IStateSerializer<TKey> key, IStateSerializer<TValue> value)
        where TKey : notnull
        => new MapSerializer<TKey, TValue>(key, value);

    /// <summary>A serialiser of values that may be absent.</summary>
    /// <typeparam name="T">The value.</typeparam>
    /// <param name="inner">Serialises the value.</param>
    public static IStateSerializer<T?> Nullable<T>(IStateSerializer<T> inner)
        where T : struct
        => new NullableSerializer<T>(inner);

    /// <summary>A serialiser of references that may be null.</summary>
    /// <typeparam name="T">The object.</typeparam>
    /// <param name="inner">Serialises the object.</param>
    public static IStateSerializer<T?> NullableReference<T>(IStateSerializer<T> inner)
        where T : class
        => new NullableReferenceSerializer<T>(inner);

    /// <summary>A serialiser of an enumeration.</summary>
    /// <typeparam name="TEnum">The enumeration.</typeparam>
    /// <typeparam name="TNumber">The type of its numbers.</typeparam>
    /// <param name="toNumber">A cast.</param>
    /// <param name="toEnum">A cast back.</param>
    public static IStateSerializer<TEnum> Enum<TEnum, TNumber>(Func<TEnum, TNumber> toNumber, Func<TNumber, TEnum> toEnum)
        where TEnum : struct, Enum
        => new EnumSerializer<TEnum, TNumber>(Of<TNumber>(), toNumber, toEnum);

    private static StateSerializers BuiltIn { get; } = new();

    private sealed class PairSerializer<TFirst, TSecond>(
        IStateSerializer<TFirst> first, IStateSerializer<TSecond> second) : IStateSerializer<(TFirst, TSecond)>
    {
        public string Schema => $"({first.Schema},{second.Schema})";

        public bool IsImmutable => first.IsImmutable && second.IsImmutable;

        public (TFirst, TSecond) Copy((TFirst, TSecond) value) => (first.Copy(value.Item1), second.Copy(value.Item2));

        public bool CanRead(string schema)
            => SchemaText.TryOpen(
                schema, string.Empty, out var parts) && parts.Count == 2 && first.CanRead(parts[0]) && second.CanRead(parts[1]);

        public IStateSerializer<(TFirst, TSecond)>? FindReader(string schema, out string reason)
        {
            reason = $"it is no pair but '{schema}'";
            return SchemaText.TryOpen(schema, string.Empty, out var parts) && parts.Count == 2
                && first.FindReader(parts[0], out reason) is { } foundFirst && second.FindReader(parts[1], out reason) is { } foundSecond
                ? ReferenceEquals(foundFirst, first)
                    && ReferenceEquals(foundSecond, second) ? this : new PairSerializer<TFirst, TSecond>(foundFirst, foundSecond)
                : null;
        }

        public void Write(StateWriter writer, (TFirst, TSecond) value)
        {
            first.Write(writer, value.Item1);
            second.Write(writer, value.Item2);
        }

        public (TFirst, TSecond) Read(ref StateReader reader) => (first.Read(ref reader), second.Read(ref reader));
    }

    private sealed class DelegateSerializer<T>(
        string schema, Action<StateWriter, T> write, StateRead<T> read, bool? isImmutable) : IStateSerializer<T>
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
