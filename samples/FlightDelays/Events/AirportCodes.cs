using System.Collections.Concurrent;
using System.Text;

namespace DataPlatform.Samples.FlightDelays.Events;

/// <summary>One string per airport code, so that half a million events do not bring a million strings.</summary>
internal static class AirportCodes
{
    private static readonly ConcurrentDictionary<string, string> Known = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> BySpan = Known.GetAlternateLookup<ReadOnlySpan<char>>();

    public static string Share(ReadOnlySpan<byte> ascii)
    {
        Span<char> code = stackalloc char[byte.MaxValue];
        var text = code[..Encoding.ASCII.GetChars(ascii, code)];
        if (!BySpan.TryGetValue(text, out var shared))
        {
            shared = text.ToString();
            Known.TryAdd(shared, shared);
        }

        return shared;
    }
}
