using DataPlatform.Streaming.State;

namespace DataPlatform.Simulation.Streaming;

/// <summary>The record of the random jobs.</summary>
/// <param name="Key">A small number, so that keys collide.</param>
/// <param name="TimeMs">Its event time.</param>
/// <param name="Value">Something to add up.</param>
public readonly record struct Item(int Key, long TimeMs, long Value)
{
    public static IStateSerializer<Item> Serializer { get; } = StateSerializer.Create(
        "item/1",
        static (writer, value) =>
        {
            writer.WriteVarInt64(value.Key);
            writer.WriteVarInt64(value.TimeMs);
            writer.WriteVarInt64(value.Value);
        },
        static (ref StateReader reader) => new Item((int)reader.ReadVarInt64(), reader.ReadVarInt64(), reader.ReadVarInt64()));
}

/// <summary>A result of a random job, comparable whatever operator it came from.</summary>
/// <param name="What">Which result.</param>
/// <param name="Key">Its key.</param>
/// <param name="AtMs">Its window's start, or its own event time.</param>
/// <param name="Count">How many records.</param>
/// <param name="Sum">What they add up to.</param>
public readonly record struct Outcome(string What, int Key, long AtMs, long Count, long Sum)
{
    public static IStateSerializer<Outcome> Serializer { get; } = StateSerializer.Create(
        "outcome/1",
        static (writer, value) =>
        {
            writer.WriteString(value.What);
            writer.WriteVarInt64(value.Key);
            writer.WriteVarInt64(value.AtMs);
            writer.WriteVarInt64(value.Count);
            writer.WriteVarInt64(value.Sum);
        },
        static (ref StateReader reader) => new Outcome(reader.ReadString(), (int)reader.ReadVarInt64(), reader.ReadVarInt64(), reader.ReadVarInt64(), reader.ReadVarInt64()),
        isImmutable: true);

    /// <summary>Any order will do, as long as it is one.</summary>
    public static int Compare(Outcome a, Outcome b) => (a.What, a.Key, a.AtMs, a.Count, a.Sum).CompareTo((b.What, b.Key, b.AtMs, b.Count, b.Sum));
}
