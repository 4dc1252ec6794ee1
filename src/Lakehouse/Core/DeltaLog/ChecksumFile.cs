using System.Text.Json;
using DataPlatform.Kernel.Storage;

namespace DataPlatform.Lakehouse.DeltaLog;

/// <summary>The file <c>N.crc</c> of a version (protocol section "Version Checksum File"): what its state sums up to.</summary>
/// <param name="Path">Its path.</param>
/// <param name="NumFiles">The live files; null where it does not say.</param>
/// <param name="TableSizeBytes">The sum of their lengths.</param>
/// <param name="Metadata">The metadata in force.</param>
/// <param name="Protocol">The protocol in force.</param>
internal sealed record ChecksumFile(string Path, long? NumFiles, long? TableSizeBytes, Metadata? Metadata, Protocol? Protocol)
{
    /// <summary>Reads it; null where there is none, or one that cannot be read: the log is the truth, and does not need it.</summary>
    public static async ValueTask<ChecksumFile?> ReadAsync(IObjectStore store, long version, CancellationToken cancellationToken)
    {
        var path = LogPath.Checksum(version);
        if (await store.TryGetAsync(path, cancellationToken).ConfigureAwait(false) is not { } content)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(content);
            var root = document.RootElement;
            long? Number(string name) => root.TryGetProperty(name, out var value) && value.TryGetInt64(out var number) ? number : null;
            return new ChecksumFile(path, Number("numFiles"), Number("tableSizeBytes"), Action<Metadata>(root, "metadata", "metaData"), Action<Protocol>(root, "protocol", "protocol"));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>What it states differently from what the log gives.</summary>
    public IEnumerable<string> Differences(long numFiles, long sizeBytes, Metadata metadata, Protocol protocol)
    {
        if (NumFiles is { } files && files != numFiles)
        {
            yield return $"'{Path}' states numFiles = {files}, and the log gives {numFiles}";
        }

        if (TableSizeBytes is { } bytes && bytes != sizeBytes)
        {
            yield return $"'{Path}' states tableSizeBytes = {bytes}, and the log gives {sizeBytes}";
        }

        if (Protocol is { } stated && (stated.MinReaderVersion != protocol.MinReaderVersion || stated.MinWriterVersion != protocol.MinWriterVersion
            || !Same(stated.ReaderFeatures, protocol.ReaderFeatures) || !Same(stated.WriterFeatures, protocol.WriterFeatures)))
        {
            yield return $"'{Path}' states another protocol than the log";
        }

        if (Metadata is { } schema && (schema.Id != metadata.Id || schema.SchemaString != metadata.SchemaString
            || !schema.PartitionColumns.SequenceEqual(metadata.PartitionColumns) || !Same(schema.Configuration.Select(Text), metadata.Configuration.Select(Text))))
        {
            yield return $"'{Path}' states other metadata than the log";
        }
    }

    private static string Text(KeyValuePair<string, string> property) => $"{property.Key}={property.Value}";

    private static bool Same(IEnumerable<string>? left, IEnumerable<string>? right) => (left ?? []).ToHashSet(StringComparer.Ordinal).SetEquals(right ?? []);

    /// <summary>An action inside the file, which has the form it has in a commit; one without content says nothing.</summary>
    private static T? Action<T>(JsonElement root, string name, string kind)
        where T : DeltaAction
        => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object && value.EnumerateObject().Any()
            ? ActionReader.Read(System.Text.Encoding.UTF8.GetBytes($"{{\"{kind}\":{value.GetRawText()}}}")) as T : null;
}
