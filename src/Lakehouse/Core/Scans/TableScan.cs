using System.Runtime.CompilerServices;
using Apache.Arrow;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.Scans.Skipping;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Lakehouse.Scans;

/// <summary>A read of one version: which columns, which rows. Immutable: each call gives a narrower scan.</summary>
public sealed class TableScan
{
    private readonly Predicate? _predicate;
    private readonly IReadOnlyList<string>? _columns;

    internal TableScan(Snapshot snapshot, Predicate? predicate = null, IReadOnlyList<string>? columns = null)
    {
        Snapshot = snapshot;
        _predicate = predicate;
        _columns = columns;
    }

    /// <summary>The version that is read.</summary>
    public Snapshot Snapshot { get; }

    /// <summary>Only rows that satisfy a condition; conditions add up.</summary>
    /// <param name="sql">The condition, see <see cref="Predicate"/>.</param>
    public TableScan Where(string sql) => Where(Predicate.Parse(sql));

    /// <summary>Only rows that satisfy a condition; conditions add up.</summary>
    /// <param name="predicate">The condition.</param>
    /// <exception cref="DeltaException">The condition names a column that is not there.</exception>
    public TableScan Where(Predicate predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        foreach (var column in predicate.Expression.Columns())
        {
            if (Snapshot.Schema.Find(column) is null && Snapshot.Schema.Find(column.Split('.')[0]) is null)
            {
                throw DeltaException.Invalid(
                    $"There is no column '{column}'; the columns are {string.Join(", ", Snapshot.Schema.Fields.Select(f => f.Name))}.");
            }
        }

        return new TableScan(Snapshot, _predicate?.And(predicate) ?? predicate, _columns);
    }

    /// <summary>Only some columns, in this order.</summary>
    /// <param name="columns">Their names.</param>
    public TableScan Select(params IReadOnlyList<string> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        foreach (var column in columns)
        {
            _ = Snapshot.Schema.Find(column) ?? throw DeltaException.Invalid(
                $"There is no column '{column}'; the columns are {string.Join(", ", Snapshot.Schema.Fields.Select(f => f.Name))}.");
        }

        return new TableScan(Snapshot, _predicate, columns);
    }

    /// <summary>Which files would be read; reads none.</summary>
    public ScanPlan Plan() => _predicate is null ? new ScanPlan(Snapshot.Files, []) : new FilePruner(Snapshot, _predicate.Expression).Plan();

    /// <summary>Reads the rows.</summary>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>Batches of the chosen columns; the caller may dispose each.</returns>
    /// <exception cref="DeltaException">A file is missing or damaged.</exception>
    public IAsyncEnumerable<RecordBatch> ReadAsync(CancellationToken cancellationToken = default) => new ScannedRows(this, Columns, cancellationToken);

    private IReadOnlyList<string> Columns => _columns ?? [.. Snapshot.Schema.Fields.Select(f => f.Name)];

    internal async IAsyncEnumerable<RecordBatch> RowsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var columns = Columns;
        var needed = _predicate is null ? columns
            : [.. columns.Union(_predicate.Expression.Columns().Select(c => Snapshot.Schema.Find(c)?.Name ?? Snapshot.Schema[c.Split('.')[0]].Name),
                StringComparer.OrdinalIgnoreCase)];
        var ahead = ReadAhead.ReadAsync(Plan().Files, (file, cancel) => FileAsync(file, needed, cancel), cancellationToken);
        await foreach (var rows in ahead.ConfigureAwait(false))
        {
            yield return Take(rows, columns.Count);
        }
    }

    /// <summary>Reads the rows as records.</summary>
    /// <remarks>
    /// Columns are found by the names of the record's properties, in any case, or by <c>JsonPropertyName</c>; only those are read. The types are
    /// those of <see cref="RowMapping{T}.OfProperties"/>; structs, lists and maps become nested records, lists and dictionaries.
    /// </remarks>
    /// <typeparam name="T">A record or class: made through the constructor that takes its properties, or by setting them.</typeparam>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="DeltaException">A property has no column, or a value does not fit its type.</exception>
    /// <exception cref="ArgumentException">The type cannot be made of columns.</exception>
    public IAsyncEnumerable<T> ReadAsync<T>(CancellationToken cancellationToken = default)
        => RecordReader<T>.ReadAsync(Select(RecordReader<T>.Columns).ReadAsync(cancellationToken), cancellationToken);

    private async IAsyncEnumerable<RecordBatch> FileAsync(
        DeltaLog.AddFile file, IReadOnlyList<string> columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var batches = DataFileReader.ReadAsync(Snapshot, file, columns, cancellationToken, _predicate?.Expression);
        await foreach (var batch in batches.ConfigureAwait(false))
        {
            if (Filter(batch) is { } rows)
            {
                yield return rows;
            }
        }
    }

    private RecordBatch? Filter(RecordBatch batch)
    {
        if (_predicate is null)
        {
            return batch;
        }

        var rows = RowFilter.Matching(batch, _predicate.Expression);
        return rows.Length == batch.Length ? batch : rows.Length == 0 ? null : ArrowTake.Rows(batch, rows);
    }

    private static RecordBatch Take(RecordBatch batch, int columns)
        => batch.ColumnCount == columns ? batch
            : new RecordBatch(
                new Schema([.. batch.Schema.FieldsList.Take(columns)], null), Enumerable.Range(0, columns).Select(batch.Column), batch.Length);
}
