using DataPlatform.Streaming.Sinks;

namespace DataPlatform.Lakehouse.DeltaStreams;

/// <summary>
/// An exactly-once sink into a Delta table. Each subtask writes its data files on the barrier; when the checkpoint is complete, the files
/// of all subtasks become visible in one commit that also carries <c>txn("{job}/{uid}", checkpoint id)</c>, so that a repeated commit is
/// recognised and skipped. A crash leaves at most unreferenced files, which <see cref="DeltaTable.CleanUpAsync"/> removes.
/// </summary>
/// <remarks>Files hold a checkpoint's rows: a short interval makes many small ones. Run <see cref="DeltaTable.CompactAsync"/> now and
/// then.</remarks>
/// <typeparam name="T">The record.</typeparam>
public sealed class DeltaSink<T> : ISink<T>
{
    private readonly DeltaTable _table;
    private readonly RowMapping<T> _mapping;
    private readonly DeltaSinkOptions _options;

    /// <summary>Makes a sink.</summary>
    /// <param name="table">The table; its schema must have the mapping's columns.</param>
    /// <param name="mapping">How records become rows.</param>
    /// <param name="options">Sizes and limits.</param>
    /// <exception cref="DeltaException">The mapping does not fit the table; the message names the column and the types.</exception>
    public DeltaSink(DeltaTable table, RowMapping<T> mapping, DeltaSinkOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(mapping);
        _table = table;
        _mapping = mapping;
        _options = options ?? new DeltaSinkOptions();
        _options.Validate();
        RecordLayout.Check(table.Snapshot.Schema, mapping.Schema);
    }

    /// <inheritdoc/>
    public ISinkWriter<T> CreateWriter(SinkWriterContext context) => new DeltaSinkWriter<T>(_table, _mapping, _options);

    /// <inheritdoc/>
    public ISinkCommitter CreateCommitter(SinkCommitterContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new DeltaSinkCommitter(_table, _options, context);
    }
}
