using System.Text;
using System.Text.Json;

namespace DataPlatform.Lakehouse.DeltaLog;

/// <summary>What can be read from a statistics text without keeping it parsed.</summary>
internal static class FileStatistics
{
    /// <summary>The physical row count, or null where the text has none or cannot be read: statistics are optional.</summary>
    public static long? ReadNumRecords(string? stats) => stats is null ? null : ReadNumRecords(Encoding.UTF8.GetBytes(stats));

    /// <summary>As above, for a text in UTF-8.</summary>
    public static long? ReadNumRecords(ReadOnlySpan<byte> stats)
    {
        try
        {
            var reader = new Utf8JsonReader(stats);
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1)
                {
                    var wanted = reader.ValueTextEquals("numRecords"u8);
                    reader.Read();
                    if (wanted)
                    {
                        return reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var count) ? count : null;
                    }

                    reader.Skip();
                }
            }
        }
        catch (JsonException)
        {
            // Damaged statistics only cost the shortcut they would have given.
        }

        return null;
    }
}
