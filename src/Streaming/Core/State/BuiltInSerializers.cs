namespace DataPlatform.Streaming.State;

/// <summary>The types that need no registration.</summary>
internal static class BuiltInSerializers
{
    public static void AddTo(StateSerializers serializers) => serializers
        .Register(StateSerializer.Create("bool", static (w, v) => w.WriteBoolean(v), static (ref StateReader r) => r.ReadBoolean()))
        .Register(StateSerializer.Create("u8", static (w, v) => w.WriteByte(v), static (ref StateReader r) => r.ReadByte()))
        .Register(StateSerializer.Create("i16", static (w, v) => w.WriteVarInt64(v), static (ref StateReader r) => checked((short)r.ReadVarInt64())))
        .Register(StateSerializer.Create("i32", static (w, v) => w.WriteInt32(v), static (ref StateReader r) => r.ReadInt32()))
        .Register(Int64())
        .Register(StateSerializer.Create("u32", static (w, v) => w.WriteInt32(unchecked((int)v)), static (ref StateReader r) => unchecked((uint)r.ReadInt32())))
        .Register(StateSerializer.Create("u64", static (w, v) => w.WriteInt64(unchecked((long)v)), static (ref StateReader r) => unchecked((ulong)r.ReadInt64())))
        .Register(StateSerializer.Create("f32", static (w, v) => w.WriteSingle(v), static (ref StateReader r) => r.ReadSingle()))
        .Register(Double())
        .Register(StateSerializer.Create<sbyte>("i8", static (w, v) => w.WriteByte(unchecked((byte)v)), static (ref StateReader r) => unchecked((sbyte)r.ReadByte())))
        .Register(StateSerializer.Create<ushort>("u16", static (w, v) => w.WriteVarUInt64(v), static (ref StateReader r) => checked((ushort)r.ReadVarUInt64())))
        .Register(
            StateSerializer.Create<char>("char", static (w, v) => w.WriteUInt16(v), static (ref StateReader r) => (char)r.ReadUInt16()))
        .Register(StateSerializer.Create<Half>(
            "f16", static (w, v) => w.WriteUInt16(
                BitConverter.HalfToUInt16Bits(v)), static (ref StateReader r) => BitConverter.UInt16BitsToHalf(r.ReadUInt16())))
        .Register(StateSerializer.Create<TimeOnly>("time", static (w, v) => w.WriteInt64(v.Ticks), static (ref StateReader r) => new TimeOnly(r.ReadInt64())))
        .Register(StateSerializer.Create<DateTime>("datetime", static (w, v) => w.WriteInt64(v.ToBinary()), static (ref StateReader r) => DateTime.FromBinary(r.ReadInt64())))
        .Register(StateSerializer.Create("str", static (w, v) => w.WriteString(v), static (ref StateReader r) => r.ReadString(), isImmutable: true))
        .Register(StateSerializer.Create("bytes", static (w, v) => w.WriteBytes(v), static (ref StateReader r) => r.ReadBytes().ToArray(), isImmutable: false))
        .Register(StateSerializer.Create<decimal>("decimal", WriteDecimal, ReadDecimal))
        .Register(StateSerializer.Create<Guid>("guid", static (w, v) => v.TryWriteBytes(w.Reserve(16)), static (ref StateReader r) => new Guid(r.ReadRaw(16))))
        .Register(StateSerializer.Create("date", static (w, v) => w.WriteInt32(v.DayNumber), static (ref StateReader r) => DateOnly.FromDayNumber(r.ReadInt32())))
        .Register(StateSerializer.Create("duration", static (w, v) => w.WriteInt64(v.Ticks), static (ref StateReader r) => new TimeSpan(r.ReadInt64())))
        .Register(StateSerializer.Create<DateTimeOffset>("instant", RecordFormat.WriteInstant, RecordFormat.ReadInstant))
        .Register(StateSerializer.Create("window", static (w, v) => v.Write(w), static (ref StateReader r) => new Windows.TimeWindow(r.ReadInt64(), r.ReadInt64())));

    private static WideningSerializer<long> Int64() => new(
        StateSerializer.Create("i64", static (w, v) => w.WriteInt64(v), static (ref StateReader r) => r.ReadInt64()),
        ("i32", static current => Stored<long, int>(current, "i32", static (ref StateReader r) => r.ReadInt32(), static v => v)),
        (
            "u32",
            static current => Stored<long,
            uint>(current, "u32", static (ref StateReader r) => unchecked((uint)r.ReadInt32()), static v => v)),
        ("i16", static current => Stored<long, long>(current, "i16", static (ref StateReader r) => r.ReadVarInt64(), static v => v)));

    private static WideningSerializer<double> Double() => new(
        StateSerializer.Create("f64", static (w, v) => w.WriteDouble(v), static (ref StateReader r) => r.ReadDouble()),
        ("f32", static current => Stored<double, float>(current, "f32", static (ref StateReader r) => r.ReadSingle(), static v => v)),
        ("i32", static current => Stored<double, int>(current, "i32", static (ref StateReader r) => r.ReadInt32(), static v => v)));

    private static WidenedSerializer<T, TNarrow> Stored<T, TNarrow>(
        IStateSerializer<T> current, string schema, StateRead<TNarrow> read, Func<TNarrow, T> widen)
        => new(current, StateSerializer.Create(schema, static (_, _) => { }, read), widen);

    private static void WriteDecimal(StateWriter writer, decimal value) => RecordFormat.WriteDecimal(writer.Reserve(16), value);

    private static decimal ReadDecimal(ref StateReader reader) => RecordFormat.ReadDecimal(reader.ReadRaw(16));
}
