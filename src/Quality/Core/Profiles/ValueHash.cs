using System.Runtime.InteropServices;

namespace DataPlatform.Quality.Profiles;

/// <summary>A 64-bit hash that is the same in every process and version: stored sketches depend on it.</summary>
/// <remarks>FNV-1a over the bytes, then the finalizer of MurmurHash3, without which FNV's high bits are too regular for sketches.</remarks>
internal static class ValueHash
{
    /// <summary>Names the function in stored states; states of another one cannot be merged.</summary>
    public const byte Id = 1;

    private const ulong Offset = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    public static ulong Of(string text) => Of(MemoryMarshal.AsBytes(text.AsSpan()));

    public static ulong Of(double number)
    {
        // Zero has two signs and is one value.
        var bits = BitConverter.DoubleToUInt64Bits(number == 0 ? 0 : number);
        return Mix(unchecked(bits + Offset));
    }

    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        var hash = Offset;
        foreach (var b in bytes)
        {
            hash = unchecked((hash ^ b) * Prime);
        }

        return Mix(hash);
    }

    private static ulong Mix(ulong hash)
    {
        unchecked
        {
            hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
            hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
            return hash ^ (hash >> 33);
        }
    }
}
