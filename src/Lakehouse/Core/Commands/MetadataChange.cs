using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Lakehouse.Commands;

/// <summary>Commits new metadata, and the protocol that it needs.</summary>
internal static class MetadataChange
{
    public static Task<long> CommitAsync(
        DeltaTransaction transaction, Metadata metadata, string operation, IReadOnlyDictionary<string, string>? parameters,
        CancellationToken cancellationToken, IEnumerable<string>? features = null)
    {
        var snapshot = transaction.Snapshot;
        TableFeatures.CheckWritable(snapshot.Protocol);
        transaction.SetMetadata(metadata);
        var needs = ProtocolNeeds.Of(metadata, SnapshotState.SchemaOf(metadata));
        needs.UnionWith(features ?? []);
        var protocol = ProtocolNeeds.Raise(snapshot.Protocol, needs);
        if (!ReferenceEquals(protocol, snapshot.Protocol))
        {
            transaction.SetProtocol(protocol);
        }

        return transaction.CommitAsync(operation, parameters, cancellationToken);
    }
}
