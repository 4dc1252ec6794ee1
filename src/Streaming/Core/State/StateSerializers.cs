namespace DataPlatform.Streaming.State;

/// <summary>The serialisers of a job: built-in ones for primitives and texts, and those the job registers. Not thread-safe while registering.</summary>
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
    public bool Has<T>() => _serializers.ContainsKey(typeof(T));

    /// <summary>The serialiser of a type.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <exception cref="StreamJobException">There is none: register one. State is never serialised by reflection.</exception>
    public IStateSerializer<T> Get<T>() => _serializers.TryGetValue(typeof(T), out var found)
        ? (IStateSerializer<T>)found
        : throw new StreamJobException(
            Kernel.ErrorKind.Invalid, $"'{typeof(T)}' has no state serialiser: register one with {nameof(StateSerializers)}.{nameof(Register)} before the stream that keeps it.");
}
