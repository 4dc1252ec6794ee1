using System.Buffers.Binary;

namespace DataPlatform.Streaming.State;

/// <summary>Parts of keys whose bytes are compared one after the other: the keys of a sorted store, and the order of savepoints.</summary>
internal static class OrderedKeys
{
    /// <summary>Writes a number so that smaller ones, negative ones too, come first.</summary>
    public static void WriteInt64(StateWriter writer, long value)
        => BinaryPrimitives.WriteUInt64BigEndian(writer.Reserve(sizeof(long)), unchecked((ulong)value) ^ (1UL << 63));

    public static long ReadInt64(ref StateReader reader)
        => unchecked((long)(BinaryPrimitives.ReadUInt64BigEndian(reader.ReadRaw(sizeof(long))) ^ (1UL << 63)));

    public static void WriteGroup(StateWriter writer, int keyGroup)
        => BinaryPrimitives.WriteUInt16BigEndian(writer.Reserve(sizeof(ushort)), checked((ushort)keyGroup));

    /// <summary>
    /// Writes a key that more follows, so that no key is the beginning of another: its length in four bytes, then its bytes.
    /// </summary>
    public static void WritePrefix<TKey>(StateWriter writer, IStateSerializer<TKey> serializer, TKey key)
    {
        var at = writer.Length;
        writer.Reserve(sizeof(int));
        serializer.Write(writer, key);
        BinaryPrimitives.WriteInt32BigEndian(writer.Overwrite(at, sizeof(int)), writer.Length - at - sizeof(int));
    }

    /// <summary>Reads what <see cref="WritePrefix"/> wrote.</summary>
    public static ReadOnlySpan<byte> ReadPrefix(ref StateReader reader)
        => reader.ReadRaw(BinaryPrimitives.ReadInt32BigEndian(reader.ReadRaw(sizeof(int))));
}
