using System.Buffers.Binary;
using System.IO.Hashing;

namespace DataPlatform.Streaming.State;

/// <summary>
/// The stable hash of a key, version 1: XXH3-64 over the bytes of the key's serialiser, its halves folded to 32 bits. Stable across processes
/// and machines, unlike <see cref="object.GetHashCode"/>. Not thread-safe: one for each subtask.
/// </summary>
internal abstract class KeyHasher<TKey>
{
    public abstract int Hash(TKey key);

    protected static int Fold(ulong hash) => unchecked((int)(hash ^ (hash >> 32)));
}

/// <summary>Makes hashers.</summary>
internal static class KeyHashers
{
    public const int Version = 1;

    public static KeyHasher<TKey> Create<TKey>(IStateSerializer<TKey> serializer)
        => typeof(TKey) == typeof(long) && serializer.Schema == "i64" ? (KeyHasher<TKey>)(object)new Int64KeyHasher()
        : typeof(TKey) == typeof(int) && serializer.Schema == "i32" ? (KeyHasher<TKey>)(object)new Int32KeyHasher()
        : new SerializedKeyHasher<TKey>(serializer);

    private sealed class SerializedKeyHasher<TKey>(IStateSerializer<TKey> serializer) : KeyHasher<TKey>
    {
        private readonly StateWriter _writer = new();

        public override int Hash(TKey key)
        {
            _writer.Clear();
            serializer.Write(_writer, key);
            return Fold(XxHash3.HashToUInt64(_writer.WrittenSpan));
        }
    }

    private sealed class Int64KeyHasher : KeyHasher<long>
    {
        public override int Hash(long key)
        {
            Span<byte> bytes = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(bytes, key);
            return Fold(XxHash3.HashToUInt64(bytes));
        }
    }

    private sealed class Int32KeyHasher : KeyHasher<int>
    {
        public override int Hash(int key)
        {
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(bytes, key);
            return Fold(XxHash3.HashToUInt64(bytes));
        }
    }
}
