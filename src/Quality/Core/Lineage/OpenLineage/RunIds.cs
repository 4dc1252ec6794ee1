using System.Security.Cryptography;
using System.Text;

namespace DataPlatform.Quality.Lineage.OpenLineage;

/// <summary>OpenLineage names runs by UUID; engines name them as they like.</summary>
internal static class RunIds
{
    /// <summary>The id itself when it is a UUID, else one derived from it: the same for the same id, so repeats stay repeats.</summary>
    public static string ToUuid(string runId)
    {
        if (Guid.TryParse(runId, out var given))
        {
            return given.ToString();
        }

        Span<byte> bytes = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(runId), bytes);

        // Version 8 (custom) and the RFC 9562 variant.
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes[..16], bigEndian: true).ToString();
    }
}
