namespace DataPlatform.Streaming.State;

/// <summary>
/// The serialisers of a job: built-in ones for primitives and texts, generated ones for types with <see cref="StreamRecordAttribute"/>, and
/// those the
/// job registers, which go first. Not thread-safe while registering.
/// </summary>
public sealed class StateSerializers
{
    private readonly Dictionary<Type, object> _serializers = [];

    /// <summary>Begins with the built-in serialisers.</summary>
    public StateSerializers() => BuiltInSerializers.AddTo(this);

    /// <summary>Adds or replaces the serialiser of a type.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="serializer">Its serialiser.</param>
    public StateSerializers Register<T>(IStateSerializer<T> serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        _serializers[typeof(T)] = serializer;
        return this;
    }

    /// <summary>Whether a type has a serialiser.</summary>
    /// <typeparam name="T">The type.</typeparam>
    public bool Has<T>() => _serializers.ContainsKey(typeof(T)) || StreamRecords.Find<T>() is not null;

    /// <summary>The serialiser of a type.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <exception cref="StreamJobException">There is none: register one. State is never serialised by reflection.</exception>
    public IStateSerializer<T> Get<T>() => _serializers.TryGetValue(typeof(T), out var found)
        ? (IStateSerializer<T>)found
        : StreamRecords.Find<T>() ?? throw new StreamJobException(
            Kernel.ErrorKind.Invalid,
            $"'{typeof(T)}' has no state serialiser: mark it with [StreamRecord], or register one with {nameof(StateSerializers)}.{nameof(Register)} before the stream that keeps it.");
}
