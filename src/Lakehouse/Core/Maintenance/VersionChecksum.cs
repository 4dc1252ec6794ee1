using System.Text.Json;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Lakehouse.Maintenance;

/// <summary>The file <c>N.crc</c> (protocol section "Version Checksum File"): what a version's state sums up to, for others to verify.</summary>
internal static class VersionChecksum
{
    public static async ValueTask WriteAsync(IObjectStore store, SnapshotState state, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, ActionWriter.Options))
        {
            writer.WriteStartObject();
            writer.WriteNumber("tableSizeBytes", state.Files.SizeBytes);
            writer.WriteNumber("numFiles", state.Files.Count);
            writer.WriteNumber("numMetadata", 1);
            writer.WriteNumber("numProtocol", 1);
            ActionWriter.WriteNumber(writer, "inCommitTimestampOpt", state.InCommitTimestamp);
            ActionWriter.WriteBody(writer, "metadata", state.Metadata);
            ActionWriter.WriteBody(writer, "protocol", state.Protocol);
            ActionWriter.WriteBodies(writer, "setTransactions", state.Transactions.Values);
            ActionWriter.WriteBodies(writer, "domainMetadata", state.Domains.Values);
            writer.WriteEndObject();
        }

        await store.TryPutIfAbsentAsync(LogPath.Checksum(state.Version), buffer.ToArray(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What the checksum file of a version says differently from its state; empty where they agree or there is no file.</summary>
    public static async ValueTask<IReadOnlyList<string>> DifferencesAsync(IObjectStore store, SnapshotState state, CancellationToken cancellationToken)
    {
        var path = LogPath.Checksum(state.Version);
        if (await store.TryGetAsync(path, cancellationToken).ConfigureAwait(false) is not { } content)
        {
            return [];
        }

        try
        {
            using var document = JsonDocument.Parse(content);
            List<string> differences = [];
            void Compare(string name, long found)
            {
                if (document.RootElement.TryGetProperty(name, out var value) && value.TryGetInt64(out var stated) && stated != found)
                {
                    differences.Add($"'{path}' states {name} = {stated}, and the log gives {found}");
                }
            }

            Compare("tableSizeBytes", state.Files.SizeBytes);
            Compare("numFiles", state.Files.Count);
            return differences;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return [$"'{path}' cannot be read: {e.Message}"];
        }
    }
}
