using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using Apache.Arrow;
using DataPlatform.Kernel;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Snapshots;
using DuckDB.NET.Data;

namespace DataPlatform.Lakehouse.DuckDb;

/// <summary>SQL over table snapshots, in one in-memory DuckDB. Times are UTC; no extension is ever downloaded.</summary>
/// <remarks>
/// Not thread-safe: one query at a time; <see cref="Duplicate"/> gives a second one over the same views. A view stays valid while its
/// snapshot's files exist.
/// </remarks>
public sealed class LakeQuery : IAsyncDisposable
{
    private readonly LakeQueryOptions _options;
    private readonly FileSchemaCache _schemas;
    private readonly Dictionary<string, IReadOnlyList<string>> _tables = new(StringComparer.OrdinalIgnoreCase);

    private LakeQuery(DuckDBConnection connection, LakeQueryOptions options, FileSchemaCache schemas, QueryOrigins origins)
    {
        Connection = connection;
        Origins = origins;
        _options = options;
        _schemas = schemas;
    }

    /// <summary>The open connection, for what this class does not offer.</summary>
    public DuckDBConnection Connection { get; }

    /// <summary>Which tables its views show.</summary>
    internal QueryOrigins Origins { get; }

    /// <summary>Starts an engine.</summary>
    /// <param name="options">Its limits.</param>
    public static LakeQuery Open(LakeQueryOptions? options = null)
    {
        options ??= new LakeQueryOptions();
        var settings = string.Create(
            CultureInfo.InvariantCulture,
            $"DataSource=:memory:;memory_limit={Math.Max(1, options.MemoryLimitBytes / 1_000_000)}MB;autoinstall_known_extensions=false;autoload_known_extensions=false");
        var connection = new DuckDBConnection(options.Threads is { } threads ? $"{settings};threads={threads}" : settings);
        connection.Open();
        var query = new LakeQuery(connection, options, new FileSchemaCache(), new QueryOrigins());
        query.Execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false; SET parquet_metadata_cache = true;");
        query.Execute($"SET temp_directory = {Sql.Text(options.TempFolder ?? Path.Combine(Path.GetTempPath(), "duckdb-lake"))};");
        return query;
    }

    /// <summary>A second connection to the same views and data.</summary>
    public LakeQuery Duplicate()
    {
        var connection = Connection.Duplicate();
        connection.Open();
        var query = new LakeQuery(connection, _options, _schemas, Origins);
        query.Execute("SET TimeZone = 'UTC';");
        return query;
    }

    /// <summary>Makes a snapshot queryable under a name; an earlier view of that name is replaced.</summary>
    /// <param name="name">The view's name.</param>
    /// <param name="snapshot">The version to show.</param>
    /// <param name="cancellationToken">Stops the reading of deletion vectors.</param>
    /// <exception cref="DeltaException">The store has no local files for DuckDB to read, or a file cannot be read.</exception>
    public async Task RegisterAsync(string name, Snapshot snapshot, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(snapshot);
        await RegisterAsync(name, snapshot, snapshot.Files, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes some files of a snapshot queryable under a name, with their deletion vectors; an earlier view of that name is replaced.</summary>
    /// <param name="name">The view's name.</param>
    /// <param name="snapshot">The version whose columns are shown.</param>
    /// <param name="files">Files of that version; no others are looked at.</param>
    /// <param name="cancellationToken">Stops the reading of deletion vectors.</param>
    /// <exception cref="DeltaException">As for <see cref="RegisterAsync(string, Snapshot, CancellationToken)"/>.</exception>
    public async Task RegisterAsync(string name, Snapshot snapshot, IReadOnlyCollection<AddFile> files, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(snapshot);
        ArgumentNullException.ThrowIfNull(files);
        Create(name, snapshot, files, await DeletedRows.LoadAsync(this, snapshot, files, name, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>As <see cref="RegisterAsync(string, Snapshot, CancellationToken)"/>, for a snapshot without deletion vectors: nothing has to be read ahead then.</summary>
    /// <param name="name">The view's name.</param>
    /// <param name="snapshot">The version to show.</param>
    /// <exception cref="DeltaException">The snapshot has deletion vectors, or as for <see cref="RegisterAsync(string, Snapshot, CancellationToken)"/>.</exception>
    public void Register(string name, Snapshot snapshot)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(snapshot);
        Create(name, snapshot, snapshot.Files, snapshot.Files.All(f => f.DeletionVector is null) ? null
            : throw DeltaException.Invalid($"'{snapshot}' has deletion vectors, which must be read first: await RegisterAsync instead."));
    }

    /// <summary>Runs a statement and gives its rows, read while the query runs.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <exception cref="DeltaException">The statement is wrong, or a data file is damaged.</exception>
    public async Task<DbDataReader> QueryAsync(string sql, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(sql);
        var command = Connection.CreateCommand();
        command.CommandText = sql;
        command.UseStreamingMode = true;
        try
        {
            return await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (DuckDBException e)
        {
            throw Failed(sql, e);
        }
    }

    /// <summary>Runs a statement and gives its rows as Arrow batches.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public async IAsyncEnumerable<RecordBatch> QueryArrowAsync(string sql, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(sql);
        using var command = Connection.CreateCommand();
        command.CommandText = sql;
        await foreach (var batch in command.ExecuteArrowBatchesAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return batch;
        }
    }

    /// <summary>Writes the rows of a query into a table; columns are found by name and cast to the table's types.</summary>
    /// <param name="table">The table.</param>
    /// <param name="sql">The query.</param>
    /// <param name="options">What happens to the rows that are there; appends by default.</param>
    /// <param name="cancellationToken">Stops before the commit.</param>
    /// <returns>The version written; the current one when the query has no rows.</returns>
    /// <exception cref="DeltaException">The query is wrong, its rows do not fit the table, or another writer won (Conflict).</exception>
    public Task<long> WriteAsync(DeltaTable table, string sql, WriteOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentException.ThrowIfNullOrEmpty(sql);
        return new QueryWriter(this, table).RunAsync(sql, options ?? new WriteOptions(), cancellationToken);
    }

    /// <summary>The first column of the first row.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    /// <returns>The value; the default of <typeparamref name="T"/> for null or no row.</returns>
    public async Task<T?> ScalarAsync<T>(string sql, CancellationToken cancellationToken = default)
    {
        var reader = await QueryAsync(sql, cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            return await reader.ReadAsync(cancellationToken).ConfigureAwait(false) && !await reader.IsDBNullAsync(0, cancellationToken).ConfigureAwait(false)
                ? reader.GetFieldValue<T>(0) : default;
        }
    }

    /// <summary>Runs a statement that gives no rows.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public async Task ExecuteAsync(string sql, CancellationToken cancellationToken = default)
    {
        var reader = await QueryAsync(sql, cancellationToken).ConfigureAwait(false);
        await reader.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Connection.DisposeAsync();

    private void Create(string name, Snapshot snapshot, IReadOnlyCollection<AddFile> files, string? deletions)
    {
        var view = new SnapshotView(this, _schemas, snapshot, files, _options.PartitionBranchesMax);
        Execute($"CREATE OR REPLACE VIEW {Sql.Name(name)} AS {view.ToSql(name, deletions)}");

        // What only the replaced view used goes with it, or one that is registered again and again would fill memory.
        foreach (var table in _tables.GetValueOrDefault(name, []))
        {
            Execute($"DROP TABLE IF EXISTS {table}");
        }

        Origins.Register(name, snapshot);
        _tables[name] = deletions is null ? view.Tables : [.. view.Tables, deletions];
    }

    internal void Execute(string sql)
    {
        using var command = Connection.CreateCommand();
        command.CommandText = sql;
        try
        {
            command.ExecuteNonQuery();
        }
        catch (DuckDBException e)
        {
            throw Failed(sql, e);
        }
    }

    private static DeltaException Failed(string sql, DuckDBException e)
    {
        var shown = sql.Length > 300 ? sql[..300] + "..." : sql;
        return new DeltaException(ErrorKind.Invalid, $"DuckDB refused the query: {e.Message.Trim()} (query: {shown})", e);
    }
}
