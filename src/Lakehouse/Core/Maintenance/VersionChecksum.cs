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
            return [.. ChecksumFile.Parse(path, content).Differences(state)];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or DeltaException)
        {
            return [$"'{path}' cannot be read: {e.Message}"];
        }
    }
}
