using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Lakehouse.Commands;

/// <summary>The schema that a write ends with, and the rules for its rows.</summary>
internal sealed class WriteShape
{
    private readonly Metadata _before;

    private WriteShape(Metadata before, Metadata after, StructType schema, RowRules rules)
    {
        _before = before;
        Metadata = after;
        Schema = schema;
        Rules = rules;
    }

    public Metadata Metadata { get; }

    public StructType Schema { get; }

    public RowRules Rules { get; }

    public static WriteShape Of(Snapshot snapshot, WriteOptions options, Apache.Arrow.Schema? rows, DateTimeOffset now)
    {
        var (metadata, schema) = (snapshot.Metadata, snapshot.Schema);
        if (rows is not null && (options.MergeSchema || options.OverwriteSchema))
        {
            var incoming = ArrowSchemas.FromArrow(rows);
            var next = options.OverwriteSchema ? incoming : SchemaEvolution.Merge(schema, incoming);
            if (!next.Equals(schema))
            {
                SchemaEvolution.CheckFeatures(snapshot.Protocol, next);
                metadata = SchemaEvolution.WithSchema(metadata, next);
                schema = SnapshotState.SchemaOf(metadata);
            }
        }

        return new WriteShape(snapshot.Metadata, metadata, schema, RowRules.Of(snapshot.Protocol, metadata, schema, now));
    }

    /// <summary>The metadata to commit: a new schema, or raised identity marks; null where nothing changed.</summary>
    public Metadata? ChangedMetadata()
        => IdentityColumn.Raise(Metadata, Rules.Identities) ?? (ReferenceEquals(_before, Metadata) ? null : Metadata);
}
