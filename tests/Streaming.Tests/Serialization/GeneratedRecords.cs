namespace DataPlatform.Streaming.Tests.Serialization;

/// <summary>Every kind of member.</summary>
[StreamRecord]
public sealed record Everything(
    [Field(1)] bool Flag,
    [Field(2)] byte U8,
    [Field(3)] sbyte I8,
    [Field(4)] short I16,
    [Field(5)] ushort U16,
    [Field(6)] int I32,
    [Field(7)] uint U32,
    [Field(8)] long I64,
    [Field(9)] ulong U64,
    [Field(10)] float F32,
    [Field(11)] double F64,
    [Field(12)] Half F16,
    [Field(13)] decimal Money,
    [Field(14)] char Letter,
    [Field(15)] string Text,
    [Field(16)] Guid Id)
{
    [Field(20)]
    public DateTime At { get; init; }

    [Field(21)]
    public DateTimeOffset Instant { get; init; }

    [Field(22)]
    public TimeSpan Duration { get; init; }

    [Field(23)]
    public DateOnly Date { get; init; }

    [Field(24)]
    public TimeOnly Time { get; init; }

    [Field(25)]
    public byte[] Bytes { get; init; } = [];

    [Field(26)]
    public DayOfWeek Day { get; init; }

    [Field(27)]
    public long? MaybeNumber { get; init; }

    [Field(28)]
    public string? MaybeText { get; init; }

    [Field(29)]
    public int[] Array { get; init; } = [];

    [Field(30)]
    public List<string> List { get; init; } = [];

    [Field(31)]
    public Dictionary<string, List<long>> Map { get; init; } = [];

    [Field(32)]
    public HashSet<int> Set { get; init; } = [];

    [Field(33)]
    public (int Left, string Right) Tuple { get; init; }

    [Field(34)]
    public Place? Nested { get; init; }

    [Field(35)]
    public List<Place?> Places { get; init; } = [];

    [Field(36)]
    public Money? Price { get; init; }

    /// <summary>Computed, so that it is not stored.</summary>
    public long Sum => I32 + I64;

    /// <summary>Left out by choice.</summary>
    [NotStored]
    public string? Cached { get; set; }
}

[StreamRecord]
public sealed record Place([Field(1)] string Name, [Field(2)] double Latitude, [Field(3)] double Longitude);

[StreamRecord]
public readonly record struct Money([Field(1)] decimal Amount, [Field(2)] string Currency);

/// <summary>Changes in place, and comes from a base type.</summary>
[StreamRecord]
internal class Counter
{
    public long Count { get; set; }

    public int @event;
}

[StreamRecord]
internal sealed class NamedCounter : Counter
{
    public required string Name { get; init; }
}
