using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using DataPlatform.Kernel;

namespace DataPlatform.Quality;

/// <summary>A run as JSON lines: a header, a line per verdict, and an end line with a count and a checksum of the lines before it.</summary>
internal static class ResultLines
{
    private const int FormatVersion = 1;
    private const byte NewLine = (byte)'\n';

    public static ReadOnlyMemory<byte> Write(SuiteResult result)
    {
        var buffer = new ArrayBufferWriter<byte>();
        Line(buffer, JsonSerializer.SerializeToUtf8Bytes(HeaderOf(result), ResultJson.Default.ResultHeader));
        foreach (var verdict in result.Verdicts)
        {
            Line(buffer, JsonSerializer.SerializeToUtf8Bytes(verdict, ResultJson.Default.Verdict));
        }

        var end = new ResultEnd(result.Verdicts.Count, Checksum(buffer.WrittenSpan));
        Line(buffer, JsonSerializer.SerializeToUtf8Bytes(end, ResultJson.Default.ResultEnd));
        return buffer.WrittenMemory;
    }

    /// <exception cref="QualityException">The bytes are not what <see cref="Write"/> made.</exception>
    public static SuiteResult Read(ReadOnlyMemory<byte> content, string path)
    {
        try
        {
            var lines = Split(content);
            var bodyLength = lines.Length < 2 ? 0 : content.Length - lines[^1].Length - 1;
            var end = JsonSerializer.Deserialize(lines[^1].Span, ResultJson.Default.ResultEnd)!;
            if (end.Verdicts != lines.Length - 2 || end.Sha256 != Checksum(content.Span[..bodyLength]))
            {
                throw Damaged(path, "its end line does not fit what is before it");
            }

            var header = JsonSerializer.Deserialize(lines[0].Span, ResultJson.Default.ResultHeader)!;
            return header.Format == FormatVersion
                ? ResultOf(header, [.. lines[1..^1].Select(l => JsonSerializer.Deserialize(l.Span, ResultJson.Default.Verdict)!)])
                : throw Damaged(path, $"its format is {header.Format} and this version reads {FormatVersion}");
        }
        catch (Exception e) when (e is JsonException or IndexOutOfRangeException)
        {
            throw Damaged(path, "it is not made of JSON lines", e);
        }
    }

    private static ResultHeader HeaderOf(SuiteResult r) => new(
        FormatVersion, r.RunId, r.Suite, r.Table, r.Version?.Dataset.Name, r.Version?.Version, r.StartedAt, r.Duration.Ticks, r.Queries);

    private static SuiteResult ResultOf(ResultHeader h, IReadOnlyList<Verdict> verdicts) => new()
    {
        RunId = h.RunId,
        Suite = h.Suite,
        Table = h.Table,
        Version = h.Dataset is null ? null : new DatasetVersion(new DatasetId(h.Dataset), h.DatasetVersion ?? 0),
        StartedAt = h.StartedAt,
        Duration = TimeSpan.FromTicks(h.DurationTicks),
        Verdicts = verdicts,
        Queries = h.Queries,
    };

    private static QualityException Damaged(string path, string why, Exception? cause = null)
        => new(ErrorKind.Corrupt, $"The stored run '{path}' is damaged: {why}. Remove the object to go on without it.", cause);

    private static string Checksum(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static void Line(ArrayBufferWriter<byte> buffer, ReadOnlySpan<byte> json)
    {
        buffer.Write(json);
        buffer.Write([NewLine]);
    }

    private static ReadOnlyMemory<byte>[] Split(ReadOnlyMemory<byte> content)
    {
        List<ReadOnlyMemory<byte>> lines = [];
        while (!content.IsEmpty && content.Span.IndexOf(NewLine) is var end && end >= 0)
        {
            lines.Add(content[..end]);
            content = content[(end + 1)..];
        }

        return [.. lines];
    }
}

/// <summary>The first line of a stored run.</summary>
internal sealed record ResultHeader(
    int Format,
    string RunId,
    string Suite,
    string Table,
    string? Dataset,
    long? DatasetVersion,
    DateTimeOffset StartedAt,
    long DurationTicks,
    QueryCounts Queries);

/// <summary>The last line of a stored run.</summary>
internal sealed record ResultEnd(int Verdicts, string Sha256);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ResultHeader))]
[JsonSerializable(typeof(ResultEnd))]
[JsonSerializable(typeof(Verdict))]
internal sealed partial class ResultJson : JsonSerializerContext;
