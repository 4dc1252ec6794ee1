using System.Buffers.Binary;

namespace DataPlatform.Lakehouse.DeltaLog;

/// <summary>The Z85 text form of bytes (ZeroMQ RFC 32): four bytes are five printable characters.</summary>
internal static class Z85
{
    private const string Alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

    public static byte[] Decode(string text)
    {
        if (text.Length % 5 != 0)
        {
            throw new DeltaException(Kernel.ErrorKind.Corrupt, $"The Z85 text of a deletion vector has {text.Length} characters; a multiple of 5 is needed.");
        }

        var bytes = new byte[text.Length / 5 * 4];
        for (var i = 0; i < text.Length; i += 5)
        {
            ulong value = 0;
            foreach (var c in text.AsSpan(i, 5))
            {
                var digit = Alphabet.IndexOf(c, StringComparison.Ordinal);
                value = digit >= 0 ? (value * 85) + (uint)digit : throw new DeltaException(Kernel.ErrorKind.Corrupt, $"'{c}' is not a Z85 character.");
            }

            BinaryPrimitives.WriteUInt32BigEndian(
                bytes.AsSpan(i / 5 * 4),
                value <= uint.MaxValue ? (uint)value : throw new DeltaException(Kernel.ErrorKind.Corrupt, "The Z85 text of a deletion vector overflows."));
        }

        return bytes;
    }

    /// <summary>The text of bytes, padded with zeros to a multiple of four: the reader cuts by the descriptor's size.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var padded = new byte[(bytes.Length + 3) / 4 * 4];
        bytes.CopyTo(padded);
        return string.Create(padded.Length / 4 * 5, padded, static (text, source) =>
        {
            for (var i = 0; i < source.Length; i += 4)
            {
                var value = BinaryPrimitives.ReadUInt32BigEndian(source.AsSpan(i));
                for (var k = 4; k >= 0; k--)
                {
                    text[(i / 4 * 5) + k] = Alphabet[(int)(value % 85)];
                    value /= 85;
                }
            }
        });
    }
}
