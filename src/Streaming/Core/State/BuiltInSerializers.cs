namespace DataPlatform.Streaming.State;

/// <summary>The types that need no registration.</summary>
internal static class BuiltInSerializers
{
    public static void AddTo(StateSerializers serializers) => serializers
        .Register(StateSerializer.Create("bool", static (w, v) => w.WriteBoolean(v), static (ref StateReader r) => r.ReadBoolean()))
        .Register(StateSerializer.Create("u8", static (w, v) => w.WriteByte(v), static (ref StateReader r) => r.ReadByte()))
        .Register(StateSerializer.Create("i16", static (w, v) => w.WriteVarInt64(v), static (ref StateReader r) => checked((short)r.ReadVarInt64())))
        .Register(StateSerializer.Create("i32", static (w, v) => w.WriteInt32(v), static (ref StateReader r) => r.ReadInt32()))
        .Register(StateSerializer.Create("i64", static (w, v) => w.WriteInt64(v), static (ref StateReader r) => r.ReadInt64()))
        .Register(StateSerializer.Create("u32", static (w, v) => w.WriteInt32(unchecked((int)v)), static (ref StateReader r) => unchecked((uint)r.ReadInt32())))
        .Register(StateSerializer.Create("u64", static (w, v) => w.WriteInt64(unchecked((long)v)), static (ref StateReader r) => unchecked((ulong)r.ReadInt64())))
        .Register(StateSerializer.Create("f32", static (w, v) => w.WriteSingle(v), static (ref StateReader r) => r.ReadSingle()))
        .Register(StateSerializer.Create("f64", static (w, v) => w.WriteDouble(v), static (ref StateReader r) => r.ReadDouble()))
        .Register(StateSerializer.Create("str", static (w, v) => w.WriteString(v), static (ref StateReader r) => r.ReadString(), isImmutable: true))
        .Register(StateSerializer.Create("bytes", static (w, v) => w.WriteBytes(v), static (ref StateReader r) => r.ReadBytes().ToArray(), isImmutable: false))
        .Register(StateSerializer.Create<decimal>("decimal", WriteDecimal, ReadDecimal))
        .Register(StateSerializer.Create<Guid>("guid", static (w, v) => v.TryWriteBytes(w.Reserve(16)), static (ref StateReader r) => new Guid(r.ReadRaw(16))))
        .Register(StateSerializer.Create("date", static (w, v) => w.WriteInt32(v.DayNumber), static (ref StateReader r) => DateOnly.FromDayNumber(r.ReadInt32())))
        .Register(StateSerializer.Create("duration", static (w, v) => w.WriteInt64(v.Ticks), static (ref StateReader r) => new TimeSpan(r.ReadInt64())))
        .Register(StateSerializer.Create<DateTimeOffset>("instant", WriteInstant, ReadInstant))
        .Register(StateSerializer.Create("window", static (w, v) => v.Write(w), static (ref StateReader r) => new Windows.TimeWindow(r.ReadInt64(), r.ReadInt64())));

    private static void WriteDecimal(StateWriter writer, decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        foreach (var part in parts)
        {
            writer.WriteInt32(part);
        }
    }

    private static decimal ReadDecimal(ref StateReader reader)
        => new([reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32()]);

    private static void WriteInstant(StateWriter writer, DateTimeOffset value)
    {
        writer.WriteInt64(value.UtcTicks);
        writer.WriteVarInt64(value.TotalOffsetMinutes);
    }

    private static DateTimeOffset ReadInstant(ref StateReader reader)
    {
        var utc = new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero);
        return utc.ToOffset(TimeSpan.FromMinutes(reader.ReadVarInt64()));
    }
}
