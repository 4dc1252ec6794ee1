using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Tests;

/// <summary>The record of most tests.</summary>
public readonly record struct Reading(string Key, long TimeMs, long Value);

/// <summary>Count and sum, as a value: written in the background.</summary>
public record struct Total(long Count, long Sum);

/// <summary>Adds values up.</summary>
public class TotalAggregate : IAggregateFunction<Reading, Total, Total>
{
    public static IStateSerializer<Total> Serializer { get; } = StateSerializer.Create(
        "total/1",
        static (writer, value) =>
        {
            writer.WriteInt64(value.Count);
            writer.WriteInt64(value.Sum);
        },
        static (ref StateReader reader) => new Total(reader.ReadInt64(), reader.ReadInt64()));

    public Total CreateAccumulator() => default;

    public void Add(ref Total accumulator, Reading record) => accumulator = new Total(accumulator.Count + 1, accumulator.Sum + record.Value);

    public void Merge(ref Total accumulator, in Total other) => accumulator = new Total(accumulator.Count + other.Count, accumulator.Sum + other.Sum);

    public Total GetResult(in Total accumulator) => accumulator;
}

/// <summary>The same, able to take away.</summary>
public sealed class RetractingTotal : TotalAggregate, IRetractableAggregate<Reading, Total, Total>
{
    /// <summary>How often something was taken away; only for one subtask.</summary>
    public int Retracted { get; private set; }

    public void Retract(ref Total accumulator, in Total other)
    {
        Retracted++;
        accumulator = new Total(accumulator.Count - other.Count, accumulator.Sum - other.Sum);
    }
}

/// <summary>Keeps the values in a list that changes in place: written before the subtask goes on.</summary>
public sealed class ListAggregate : IAggregateFunction<Reading, List<long>, string>
{
    public static IStateSerializer<List<long>> Serializer { get; } = StateSerializer.Create<List<long>>(
        "list/1",
        static (writer, value) =>
        {
            writer.WriteVarUInt64((ulong)value.Count);
            value.ForEach(writer.WriteInt64);
        },
        static (ref StateReader reader) =>
        {
            var list = new List<long>();
            for (var count = reader.ReadVarUInt64(); count > 0; count--)
            {
                list.Add(reader.ReadInt64());
            }

            return list;
        });

    public List<long> CreateAccumulator() => [];

    public void Add(ref List<long> accumulator, Reading record) => accumulator.Add(record.Value);

    public void Merge(ref List<long> accumulator, in List<long> other) => accumulator.AddRange(other);

    public string GetResult(in List<long> accumulator) => string.Join('+', accumulator.Order());
}
