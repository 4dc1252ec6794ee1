using System.Text.Json;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Lakehouse.DeltaLog;

/// <summary>The file <c>N.crc</c> of a version (protocol section "Version Checksum File"): what its state sums up to.</summary>
/// <param name="Path">Its path.</param>
/// <param name="NumFiles">The live files; null where it does not say.</param>
/// <param name="TableSizeBytes">The sum of their lengths.</param>
/// <param name="Metadata">The metadata in force.</param>
/// <param name="Protocol">The protocol in force.</param>
/// <param name="Transactions">All applications with their versions; null where it does not list them.</param>
/// <param name="Domains">All domains in force; null where it does not list them.</param>
internal sealed record ChecksumFile(
    string Path, long? NumFiles, long? TableSizeBytes, Metadata? Metadata, Protocol? Protocol,
    IReadOnlyList<TransactionMarker>? Transactions, IReadOnlyList<DomainMetadata>? Domains)
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
            return Parse(path, content);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or DeltaException)
        {
            return null;
        }
    }

    /// <summary>Reads its content.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    /// <exception cref="InvalidOperationException">A field has another type.</exception>
    /// <exception cref="DeltaException">An action in it cannot be read.</exception>
    public static ChecksumFile Parse(string path, ReadOnlyMemory<byte> content)
    {
        using var document = JsonDocument.Parse(content);
        var root = document.RootElement;
        long? Number(string name) => root.TryGetProperty(name, out var value) && value.TryGetInt64(out var number) ? number : null;
        return new ChecksumFile(
            path, Number("numFiles"), Number("tableSizeBytes"), Action<Metadata>(root, "metadata", "metaData"),
            Action<Protocol>(root, "protocol", "protocol"), Actions<TransactionMarker>(root, "setTransactions", "txn"),
            Actions<DomainMetadata>(root, "domainMetadata", "domainMetadata"));
    }

    /// <summary>What it states differently from what the log gives.</summary>
    public IEnumerable<string> Differences(SnapshotState state)
    {
        if (NumFiles is { } files && files != state.Files.Count)
        {
            yield return $"'{Path}' states numFiles = {files}, and the log gives {state.Files.Count}";
        }

        if (TableSizeBytes is { } bytes && bytes != state.Files.SizeBytes)
        {
            yield return $"'{Path}' states tableSizeBytes = {bytes}, and the log gives {state.Files.SizeBytes}";
        }

        if (Protocol is { } protocol && !IsSame(protocol, state.Protocol))
        {
            yield return $"'{Path}' states another protocol than the log";
        }

        if (Metadata is { } metadata && !IsSame(metadata, state.Metadata))
        {
            yield return $"'{Path}' states other metadata than the log";
        }

        // Where a table lets markers expire, a writer may list fewer than the log still holds.
        var mayBeFewer = state.Metadata.Configuration.ContainsKey("delta.setTransactionRetentionDuration");
        if (Transactions is { } stated && ((stated.Count != state.Transactions.Count && !mayBeFewer)
            || stated.Any(marker => state.Transactions.GetValueOrDefault(marker.AppId)?.Version != marker.Version)))
        {
            yield return $"'{Path}' states {stated.Count} applications with their versions, and the log gives others";
        }

        if (Domains is { } domains && (domains.Count != state.Domains.Count
            || domains.Any(domain => state.Domains.GetValueOrDefault(domain.Domain)?.Configuration != domain.Configuration)))
        {
            yield return $"'{Path}' states other domains than the log";
        }
    }

    private static bool IsSame(Protocol left, Protocol right) =>
        left.MinReaderVersion == right.MinReaderVersion && left.MinWriterVersion == right.MinWriterVersion
        && IsSame(left.ReaderFeatures, right.ReaderFeatures) && IsSame(left.WriterFeatures, right.WriterFeatures);

    private static bool IsSame(Metadata left, Metadata right) =>
        left.Id == right.Id && left.SchemaString == right.SchemaString && left.PartitionColumns.SequenceEqual(right.PartitionColumns)
        && IsSame(left.Configuration.Select(Text), right.Configuration.Select(Text));

    private static bool IsSame(IEnumerable<string>? left, IEnumerable<string>? right) =>
        (left ?? []).ToHashSet(StringComparer.Ordinal).SetEquals(right ?? []);

    private static string Text(KeyValuePair<string, string> property) => $"{property.Key}={property.Value}";

    /// <summary>An action inside the file, which has the form it has in a commit; one without content says nothing.</summary>
    private static T? Action<T>(JsonElement root, string name, string kind)
        where T : DeltaAction
        => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object && value.EnumerateObject().Any()
            ? Read<T>(value, kind) : null;

    private static T[]? Actions<T>(JsonElement root, string name, string kind)
        where T : DeltaAction
        => root.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Select(value => Read<T>(value, kind)).OfType<T>()] : null;

    private static T? Read<T>(JsonElement value, string kind)
        where T : DeltaAction
        => ActionReader.Read(System.Text.Encoding.UTF8.GetBytes($"{{\"{kind}\":{value.GetRawText()}}}")) as T;
}
