using System.Buffers;
using System.Text;
using DataPlatform.Lakehouse.DeltaLog;

namespace DataPlatform.Lakehouse.Snapshots;

/// <summary>A hash of a path that is the same for its text and its bytes, and for every spelling of it.</summary>
internal static class PathHash
{
    private static readonly SearchValues<byte> NeedsCare = SearchValues.Create("%:"u8);

    public static int Of(string canonical)
    {
        Span<byte> buffer = stackalloc byte[512];
        return Encoding.UTF8.TryGetBytes(canonical, buffer, out var length) ? Mix(buffer[..length]) : Mix(Encoding.UTF8.GetBytes(canonical));
    }

    public static int Of(ReadOnlySpan<byte> path)
        => path.ContainsAny(NeedsCare) ? Of(DataPath.Canonical(Encoding.UTF8.GetString(path))) : Mix(path);

    private static int Mix(ReadOnlySpan<byte> bytes)
    {
        unchecked
        {
            var hash = 0x9E3779B97F4A7C15UL ^ (ulong)bytes.Length;
            while (bytes.Length >= 8)
            {
                hash = (hash ^ System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(bytes)) * 0xFF51AFD7ED558CCDUL;
                hash ^= hash >> 32;
                bytes = bytes[8..];
            }

            foreach (var value in bytes)
            {
                hash = (hash ^ value) * 0x100000001B3UL;
            }

            hash ^= hash >> 29;
            return (int)(hash * 0xC4CEB9FE1A85EC53UL >> 33);
        }
    }
}
