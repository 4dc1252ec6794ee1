using System.Runtime.CompilerServices;

namespace DataPlatform.Streaming.State;

/// <summary>The generated serialisers of the process. Generated code registers them; nobody else needs to.</summary>
/// <remarks>Thread-safe.</remarks>
public static class StreamRecords
{
    /// <summary>Makes a generated serialiser known.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="serializer">The serialiser.</param>
    public static void Register<T>(IStateSerializer<T> serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        Holder<T>.Serializer = serializer;
    }

    /// <summary>The generated serialiser of a type.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <exception cref="StreamJobException">The type is not marked with <see cref="StreamRecordAttribute"/>.</exception>
    public static IStateSerializer<T> Get<T>() => Find<T>()
        ?? throw new StreamJobException(Kernel.ErrorKind.Invalid, $"'{typeof(T)}' has no generated serialiser: mark it with [StreamRecord].");

    internal static IStateSerializer<T>? Find<T>()
    {
        if (Holder<T>.Serializer is null)
        {
            // The code that registers runs when its module is first used, which may be now.
            RuntimeHelpers.RunModuleConstructor(typeof(T).Module.ModuleHandle);
        }

        return Holder<T>.Serializer;
    }

    private static class Holder<T>
    {
        public static IStateSerializer<T>? Serializer { get; set; }
    }
}
