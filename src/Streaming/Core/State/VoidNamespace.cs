namespace DataPlatform.Streaming.State;

/// <summary>The namespace of state and timers that have none.</summary>
internal readonly record struct VoidNamespace
{
    public static IStateSerializer<VoidNamespace> Serializer { get; } = StateSerializer.Create("void", static (_, _) => { }, static (ref StateReader _) => default(VoidNamespace));
}
