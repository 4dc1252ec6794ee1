using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Windows;

/// <summary>A fold so far; without a value before the first record.</summary>
internal readonly record struct Reduced<T>(bool HasValue, T Value);

/// <summary>A fold as an aggregate.</summary>
internal sealed class ReduceAggregate<T>(Func<T, T, T> reduce) : IAggregateFunction<T, Reduced<T>, T>
{
    public Reduced<T> CreateAccumulator() => default;

    public void Add(ref Reduced<T> accumulator, T record)
        => accumulator = new Reduced<T>(true, accumulator.HasValue ? reduce(accumulator.Value, record) : record);

    public void Merge(ref Reduced<T> accumulator, in Reduced<T> other)
    {
        if (other.HasValue)
        {
            Add(ref accumulator, other.Value);
        }
    }

    public T GetResult(in Reduced<T> accumulator) => accumulator.Value;
}

/// <summary>The value alone: an accumulator that is stored has one.</summary>
internal sealed class ReducedSerializer<T>(IStateSerializer<T> inner) : IStateSerializer<Reduced<T>>
{
    public string Schema => inner.Schema;

    public bool IsImmutable => inner.IsImmutable;

    public Reduced<T> Copy(Reduced<T> value) => new(value.HasValue, value.HasValue ? inner.Copy(value.Value) : value.Value);

    public bool CanRead(string schema) => inner.CanRead(schema);

    public IStateSerializer<Reduced<T>>? FindReader(string schema, out string reason)
        => inner.FindReader(schema, out reason) is { } found ? ReferenceEquals(found, inner) ? this : new ReducedSerializer<T>(found) : null;

    public void Write(StateWriter writer, Reduced<T> value) => inner.Write(writer, value.Value);

    public Reduced<T> Read(ref StateReader reader) => new(true, inner.Read(ref reader));
}

/// <summary>A record after its time.</summary>
internal static class TimedRecordSerializer
{
    public static IStateSerializer<TimedRecord<T>> Of<T>(IStateSerializer<T> inner) => new Timed<T>(inner);

    private sealed class Timed<T>(IStateSerializer<T> inner) : IStateSerializer<TimedRecord<T>>
    {
        public string Schema => $"timed({inner.Schema})";

        public bool IsImmutable => inner.IsImmutable;

        public TimedRecord<T> Copy(TimedRecord<T> value) => value with { Value = inner.Copy(value.Value) };

        public bool CanRead(string schema) => SchemaText.TryOpen(schema, "timed", out var parts) && parts.Count == 1 && inner.CanRead(parts[0]);

        public IStateSerializer<TimedRecord<T>>? FindReader(string schema, out string reason)
        {
            reason = $"it is no record with a time but '{schema}'";
            return SchemaText.TryOpen(schema, "timed", out var parts) && parts.Count == 1 && inner.FindReader(parts[0], out reason) is { } found
                ? ReferenceEquals(found, inner) ? this : new Timed<T>(found)
                : null;
        }

        public void Write(StateWriter writer, TimedRecord<T> value)
        {
            writer.WriteInt64(value.TimeMs);
            inner.Write(writer, value.Value);
        }

        public TimedRecord<T> Read(ref StateReader reader)
        {
            var timeMs = reader.ReadInt64();
            return new TimedRecord<T>(inner.Read(ref reader), timeMs);
        }
    }
}
