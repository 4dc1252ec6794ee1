using System.Text.Json;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Lakehouse.Maintenance;

/// <summary>
/// The file <c>N.crc</c> (protocol section "Version Checksum File"): what a version's state sums up to, for others to verify.
/// </summary>
internal static class VersionChecksum
{
    /// <summary>
    /// More applications or domains than this are left out, as the protocol allows: the file is written with every commit.
    /// </summary>
    private const int ListedMax = 100;

    public static async ValueTask WriteAsync(IObjectStore store, SnapshotState state, string? txnId, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, ActionWriter.Options))
        {
            writer.WriteStartObject();
            ActionWriter.WriteText(writer, "txnId", txnId);
            writer.WriteNumber("tableSizeBytes", state.Files.SizeBytes);
            writer.WriteNumber("numFiles", state.Files.Count);
            writer.WriteNumber("numMetadata", 1);
            writer.WriteNumber("numProtocol", 1);
            ActionWriter.WriteNumber(writer, "inCommitTimestampOpt", state.InCommitTimestamp);
            if (state.Transactions.Count <= ListedMax)
            {
                ActionWriter.WriteBodies(writer, "setTransactions", state.Transactions.Values);
            }

            if (state.Domains.Count <= ListedMax)
            {
                ActionWriter.WriteBodies(writer, "domainMetadata", state.Domains.Values);
            }

            ActionWriter.WriteBody(writer, "metadata", state.Metadata);
            ActionWriter.WriteBody(writer, "protocol", state.Protocol);
            writer.WriteEndObject();
        }

        await AdvisoryStore.Of(store).TryPutIfAbsentAsync(
            LogPath.Checksum(state.Version), buffer.ToArray(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What the checksum file of a version says differently from its state; empty where they agree or there is no file.</summary>
    public static async ValueTask<IReadOnlyList<string>> DifferencesAsync(
        IObjectStore store, SnapshotState state, CancellationToken cancellationToken)
    {
        var path = LogPath.Checksum(state.Version);
        if (await store.TryGetAsync(path, cancellationToken).ConfigureAwait(false) is not { Length: > 0 } content)
        {
            return [];
        }

        try
        {
            using var document = JsonDocument.Parse(content);
            return [.. Differences(document.RootElement, state).Select(d => $"'{path}' {d}")];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return [$"'{path}' cannot be read: {e.Message}"];
        }
    }

    private static IEnumerable<string> Differences(JsonElement crc, SnapshotState state)
    {
        foreach (var (name, found) in new[] { ("tableSizeBytes", state.Files.SizeBytes), ("numFiles", state.Files.Count) })
        {
            if (crc.TryGetProperty(name, out var value) && value.TryGetInt64(out var stated) && stated != found)
            {
                yield return $"states {name} = {stated}, and the log gives {found}";
            }
        }

        if (crc.TryGetProperty("protocol", out var protocol) && !IsSame(protocol, state.Protocol))
        {
            yield return $"states another protocol: {protocol}";
        }

        if (crc.TryGetProperty("metadata", out var metadata))
        {
            foreach (var (name, found) in new[] { ("id", state.Metadata.Id), ("schemaString", state.Metadata.SchemaString) })
            {
                if (metadata.TryGetProperty(name, out var value) && value.GetString() != found)
                {
                    yield return $"states metadata.{name} = {value}, and the log gives {found}";
                }
            }
        }

        if (Listed(crc, "setTransactions") is { } transactions)
        {
            var stated = transactions.ToDictionary(t => t.GetProperty("appId").GetString()!, t => t.GetProperty("version").GetInt64());
            if (stated.Count != state.Transactions.Count
                || stated.Any(t => state.Transactions.GetValueOrDefault(t.Key)?.Version != t.Value))
            {
                yield return $"states {stated.Count} applications with their versions, and the log gives others";
            }
        }

        if (Listed(crc, "domainMetadata") is { } domains
            && domains.Any(d => state.Domains.GetValueOrDefault(d.GetProperty("domain").GetString()!)?.Configuration != d.GetProperty(
                "configuration").GetString()))
        {
            yield return "states another domain than the log gives";
        }
    }

    private static JsonElement[]? Listed(JsonElement crc, string name)
        => crc.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray()] : null;

    private static bool IsSame(JsonElement stated, Protocol protocol)
        => stated.GetProperty("minReaderVersion").GetInt32() == protocol.MinReaderVersion
            && stated.GetProperty("minWriterVersion").GetInt32() == protocol.MinWriterVersion
            && Features(stated, "readerFeatures").SetEquals(protocol.ReaderFeatures ?? [])
            && Features(stated, "writerFeatures").SetEquals(protocol.WriterFeatures ?? []);

    private static HashSet<string> Features(JsonElement protocol, string name)
        => Listed(protocol, name)?.Select(f => f.GetString()!).ToHashSet(StringComparer.Ordinal) ?? [];
}
