using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Transactions;

namespace DataPlatform.Lakehouse.DeltaLog;

/// <summary>Finds the least protocol that a table's schema and properties ask for, and raises a protocol to it.</summary>
internal static class ProtocolNeeds
{
    private const string MinReader = "delta.minReaderVersion";
    private const string MinWriter = "delta.minWriterVersion";

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
        Need(TableProperties.TypeWidening(metadata), TableFeatures.TypeWidening);
        needs.UnionWith(Asked(metadata.Configuration.ToDictionary(c => c.Key, c => (string?)c.Value)));
        return needs;
    }

    /// <summary>Whether a property asks for a feature or a protocol version; such a property is not kept.</summary>
    public static bool IsAsk(string property)
        => property.StartsWith(TableProperties.FeaturePrefix, StringComparison.Ordinal) || property is MinReader or MinWriter;

    /// <summary>The features that properties ask for by name, or by a legacy version that implies them.</summary>
    public static SortedSet<string> Asked(IReadOnlyDictionary<string, string?> properties)
    {
        var named = properties.Where(p => p.Key.StartsWith(TableProperties.FeaturePrefix, StringComparison.Ordinal) && p.Value is not null)
            .Select(p => p.Value is "supported" or "enabled" ? p.Key[TableProperties.FeaturePrefix.Length..]
                : throw DeltaException.Invalid($"The property {p.Key} takes the value 'supported', not '{p.Value}'."));
        var needs = WithImplied([.. named]);
        if (properties.TryGetValue(MinWriter, out var text) && text is not null)
        {
            needs.UnionWith(int.TryParse(text, out var version) && version is >= 1 and <= TableFeatures.WriterVersionMax
                ? TableFeatures.LegacyFeatures(version)
                : throw DeltaException.Invalid($"{MinWriter} is 1 to {TableFeatures.WriterVersionMax}, not '{text}'."));
        }

        return needs;
    }

    /// <summary>The features with those that they need themselves.</summary>
    public static SortedSet<string> WithImplied(IReadOnlyCollection<string> features)
    {
        SortedSet<string> all = new(features, StringComparer.Ordinal);
        if (all.Contains(TableFeatures.RowTracking) || all.Contains(TableFeatures.Clustering))
        {
            all.Add(TableFeatures.DomainMetadata);
        }

        return all;
    }

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
            MinReaderVersion = readers.Length > 0 || protocol.MinReaderVersion == TableFeatures.ReaderVersionMax
                ? TableFeatures.ReaderVersionMax : 1,
            MinWriterVersion = TableFeatures.WriterVersionMax,
            ReaderFeatures = readers.Length > 0 || protocol.MinReaderVersion == TableFeatures.ReaderVersionMax
                ? [.. readers.Union(protocol.ReaderFeatures ?? []).Order(StringComparer.Ordinal)] : null,
            WriterFeatures = [.. all.Order(StringComparer.Ordinal)],
        };
    }
}
