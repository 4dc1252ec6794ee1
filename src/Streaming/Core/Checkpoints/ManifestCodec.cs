using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using DataPlatform.Kernel;

namespace DataPlatform.Streaming.Checkpoints;

/// <summary>A manifest as bytes: one line with the format, its version and the body's checksum, then JSON. See docs/formats/checkpoint.md.</summary>
internal static class ManifestCodec
{
    private const string Prefix = "dataplatform-checkpoint 1 ";
    private const int HeaderBytes = 43;

    public static byte[] Encode(CheckpointManifest manifest)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(manifest, ManifestJson.Default.CheckpointManifest);
        return [.. Encoding.ASCII.GetBytes($"{Prefix}{Checksum(body)}\n"), .. body];
    }

    /// <exception cref="StreamJobException">The bytes are no manifest of this version, or are damaged.</exception>
    public static CheckpointManifest Decode(string path, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes || !Encoding.ASCII.GetString(bytes[..Prefix.Length]).Equals(Prefix, StringComparison.Ordinal))
        {
            throw new StreamJobException(ErrorKind.Corrupt, $"'{path}' is not a checkpoint manifest of version 1.");
        }

        var body = bytes[HeaderBytes..];
        if (!Encoding.ASCII.GetString(bytes[Prefix.Length..(HeaderBytes - 1)]).Equals(Checksum(body), StringComparison.Ordinal))
        {
            throw new StreamJobException(ErrorKind.Corrupt, $"'{path}' is damaged: its checksum does not match. Restore from an older checkpoint.");
        }

        try
        {
            return JsonSerializer.Deserialize(body, ManifestJson.Default.CheckpointManifest)
                ?? throw new StreamJobException(ErrorKind.Corrupt, $"'{path}' is an empty manifest.");
        }
        catch (JsonException e)
        {
            throw new StreamJobException(ErrorKind.Corrupt, $"'{path}' is no manifest: {e.Message}", e);
        }
    }

    public static string Checksum(ReadOnlySpan<byte> bytes) => XxHash3.HashToUInt64(bytes).ToString("x16", CultureInfo.InvariantCulture);
}

/// <summary>Bytes in JSON are base64.</summary>
internal sealed class BytesJsonConverter : JsonConverter<ReadOnlyMemory<byte>>
{
    public override ReadOnlyMemory<byte> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetBytesFromBase64();

    public override void Write(Utf8JsonWriter writer, ReadOnlyMemory<byte> value, JsonSerializerOptions options) => writer.WriteBase64StringValue(value.Span);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, Converters = [typeof(BytesJsonConverter)])]
[JsonSerializable(typeof(CheckpointManifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;
