using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Transactions;

namespace DataPlatform.Lakehouse.DeltaLog;

/// <summary>Finds the least protocol that a table's schema and properties ask for, and raises a protocol to it.</summary>
internal static class ProtocolNeeds
{
    private static readonly HashSet<string> ReaderFeatures = new(StringComparer.Ordinal)
    {
        TableFeatures.ColumnMapping, TableFeatures.DeletionVectors, TableFeatures.TimestampNtz, TableFeatures.V2Checkpoint,
        TableFeatures.TypeWidening, TableFeatures.VacuumProtocolCheck, TableFeatures.Variant,
    };

    /// <summary>The features that must be in the protocol.</summary>
    public static SortedSet<string> Of(Metadata metadata, StructType schema)
    {
        SortedSet<string> needs = new(StringComparer.Ordinal);
        void Need(bool condition, params string[] features)
        {
            if (condition)
            {
                needs.UnionWith(features);
            }
        }

        var active = ActiveFeatures.In(metadata, schema);
        foreach (var feature in new[]
        {
            TableFeatures.CheckConstraints, TableFeatures.ChangeDataFeed, TableFeatures.GeneratedColumns, TableFeatures.IdentityColumns,
            TableFeatures.ColumnDefaults, TableFeatures.ColumnMapping, TableFeatures.InCommitTimestamp,
        })
        {
            Need(active(feature), feature);
        }

        Need(SchemaEvolution.Uses(schema, DeltaType.TimestampNtz), TableFeatures.TimestampNtz);
        Need(SchemaEvolution.Uses(schema, DeltaType.Variant), TableFeatures.Variant);
        Need(TableProperties.RowTracking(metadata), TableFeatures.RowTracking, TableFeatures.DomainMetadata);
        Need(TableProperties.DeletionVectors(metadata), TableFeatures.DeletionVectors);
        Need(TableProperties.V2Checkpoints(metadata), TableFeatures.V2Checkpoint);
        foreach (var (key, value) in metadata.Configuration)
        {
            Need(key.StartsWith(TableProperties.FeaturePrefix, StringComparison.Ordinal) && value is "supported" or "enabled",
                key[Math.Min(key.Length, TableProperties.FeaturePrefix.Length)..]);
        }

        return needs;
    }

    /// <summary>The least protocol for a new table: legacy versions where they do, so that every reader opens it.</summary>
    public static Protocol Least(Metadata metadata, StructType schema)
        => Raise(new Protocol { MinReaderVersion = 1, MinWriterVersion = 2 }, Of(metadata, schema));

    /// <summary>A protocol with some features more; the same one where it has them all.</summary>
    public static Protocol Raise(Protocol protocol, IReadOnlyCollection<string> needs)
    {
        var has = TableFeatures.FeaturesOf(protocol).ToHashSet(StringComparer.Ordinal);
        if (has.IsSupersetOf(needs))
        {
            return protocol;
        }

        var all = has.Union(needs).ToHashSet(StringComparer.Ordinal);
        if (protocol.MinWriterVersion < TableFeatures.WriterVersionMax && all.All(f => TableFeatures.LegacyVersion(f) is not null))
        {
            // A legacy version brings every feature below it along; that is harmless, for none of them is active by itself.
            var writer = Math.Max(protocol.MinWriterVersion, all.Max(f => TableFeatures.LegacyVersion(f)!.Value));
            return new Protocol { MinReaderVersion = writer >= 5 ? 2 : 1, MinWriterVersion = writer };
        }

        var readers = all.Where(ReaderFeatures.Contains).ToArray();
        return new Protocol
        {
            MinReaderVersion = readers.Length > 0 || protocol.MinReaderVersion == TableFeatures.ReaderVersionMax ? TableFeatures.ReaderVersionMax : 1,
            MinWriterVersion = TableFeatures.WriterVersionMax,
            ReaderFeatures = readers.Length > 0 || protocol.MinReaderVersion == TableFeatures.ReaderVersionMax
                ? [.. readers.Union(protocol.ReaderFeatures ?? []).Order(StringComparer.Ordinal)] : null,
            WriterFeatures = [.. all.Order(StringComparer.Ordinal)],
        };
    }
}
