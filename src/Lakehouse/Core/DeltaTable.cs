using Apache.Arrow;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.Commands;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Scans;
using DataPlatform.Lakehouse.Snapshots;
using DataPlatform.Lakehouse.Transactions;
using StructType = DataPlatform.Lakehouse.Schemas.StructType;

namespace DataPlatform.Lakehouse;

/// <summary>A Delta table in an object store: read it by snapshot, change it by transaction.</summary>
/// <remarks>
/// Thread-safe; any number of processes may hold the same table. Every change is one commit, visible whole or not at all. Protocol:
/// github.com/delta-io/delta, PROTOCOL.md.
/// </remarks>
public sealed partial class DeltaTable
{
    // A table that was only maintained for so many versions has a log worth a remark of its own.
    private const int DataCommitsMax = 1_000;
    private SnapshotState _latest;

    private DeltaTable(IObjectStore store, DeltaTableOptions options, SnapshotState state)
    {
        Store = store;
        Options = options;
        Loader = new SnapshotLoader(store, options);
        Committer = new Committer(this);
        _latest = state;
    }

    /// <summary>The store, rooted at the table.</summary>
    public IObjectStore Store { get; }

    /// <summary>How the table was opened.</summary>
    public DeltaTableOptions Options { get; }

    /// <summary>The newest version seen by this object; no I/O. See <see cref="RefreshAsync"/>.</summary>
    public Snapshot Snapshot => Wrap(Volatile.Read(ref _latest));

    internal SnapshotLoader Loader { get; }

    internal Committer Committer { get; }

    /// <summary>Makes a table.</summary>
    /// <param name="store">A store rooted at the table.</param>
    /// <param name="schema">Its columns, partition columns included.</param>
    /// <param name="options">Partitioning, properties, services.</param>
    /// <param name="cancellationToken">Stops before or after the commit, never within.</param>
    /// <exception cref="DeltaException">There is a table already (Conflict), or the schema does not fit the partitioning.</exception>
    public static async Task<DeltaTable> CreateAsync(
        IObjectStore store, StructType schema, DeltaTableOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(schema);
        var table = Prepare(store, schema, options ?? new DeltaTableOptions());
        await TableCreation.CommitAsync(table, cancellationToken).ConfigureAwait(false);
        return table;
    }

    /// <summary>Makes a table that begins with rows: version 0 holds them all, or there is no table.</summary>
    /// <param name="store">A store rooted at the table.</param>
    /// <param name="schema">Its columns, partition columns included.</param>
    /// <param name="options">Partitioning, clustering, properties, services.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="cancellationToken">Stops before the commit; files already written stay unreferenced.</param>
    /// <exception cref="DeltaException">There is a table already (Conflict), the schema does not fit, or a row breaks a rule.</exception>
    public static Task<DeltaTable> CreateAsync(
        IObjectStore store, StructType schema, DeltaTableOptions? options, IAsyncEnumerable<RecordBatch> rows,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(rows);
        return TableReplacement.RunAsync(store, schema, options ?? new DeltaTableOptions(), rows, replaces: false, cancellationToken);
    }

    /// <summary>
    /// Makes a table, or replaces the one that is there: shape, properties and rows change in one commit. The old versions stay readable by
    /// time travel; the table keeps its id, and its protocol is raised where the new shape needs it.
    /// </summary>
    /// <param name="store">A store rooted at the table.</param>
    /// <param name="schema">Its columns, partition columns included.</param>
    /// <param name="options">Partitioning, clustering, properties, services.</param>
    /// <param name="rows">Its rows; null for none.</param>
    /// <param name="cancellationToken">Stops before the commit; files already written stay unreferenced.</param>
    /// <exception cref="DeltaException">The schema does not fit, a row breaks a rule, or another writer changed the table meanwhile
    /// (Conflict).</exception>
    public static Task<DeltaTable> CreateOrReplaceAsync(
        IObjectStore store, StructType schema, DeltaTableOptions? options = null, IAsyncEnumerable<RecordBatch>? rows = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(schema);
        return TableReplacement.RunAsync(store, schema, options ?? new DeltaTableOptions(), rows, replaces: true, cancellationToken);
    }

    /// <summary>
    /// Makes a table of a folder of Parquet files, which stay where they are; version 0 names them all, or nothing happens.
    /// </summary>
    /// <param name="store">A store rooted at the folder.</param>
    /// <param name="partitionColumns">The columns that are in folder names (<c>day=2001-01-31</c>), with their types; null for
    /// none.</param>
    /// <param name="options">Properties and services; its partition columns are ignored.</param>
    /// <param name="cancellationToken">Stops before the commit.</param>
    /// <exception cref="DeltaException">There is no Parquet file, a table already, or files whose schemas do not merge.</exception>
    public static Task<DeltaTable> ImportAsync(
        IObjectStore store, StructType? partitionColumns = null, DeltaTableOptions? options = null,
            CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        return ParquetImport.RunAsync(store, partitionColumns, options ?? new DeltaTableOptions(), cancellationToken);
    }

    /// <summary>Opens a table at its latest version.</summary>
    /// <param name="store">A store rooted at the table.</param>
    /// <param name="options">Services and limits.</param>
    /// <param name="cancellationToken">Stops the reading of the log.</param>
    /// <exception cref="DeltaException">There is no table, or one that cannot be read: the message says why.</exception>
    public static async Task<DeltaTable> OpenAsync(
        IObjectStore store, DeltaTableOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        options ??= new DeltaTableOptions();
        options.Validate();
        return new DeltaTable(store, options, await new SnapshotLoader(store, options).LoadAsync(null, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Opens the table, or makes it when there is none.</summary>
    /// <param name="store">A store rooted at the table.</param>
    /// <param name="schema">The columns of a new table; an existing one keeps its own.</param>
    /// <param name="options">Partitioning and properties of a new table; services and limits.</param>
    /// <param name="cancellationToken">Stops the reading of the log, or the creation before or after its commit.</param>
    public static async Task<DeltaTable> OpenOrCreateAsync(
        IObjectStore store, StructType schema, DeltaTableOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        if (!await ExistsAsync(store, cancellationToken).ConfigureAwait(false))
        {
            try
            {
                return await CreateAsync(store, schema, options, cancellationToken).ConfigureAwait(false);
            }
            catch (DeltaException e) when (e.Kind == Kernel.ErrorKind.Conflict)
            {
                // Another one created it in between: it is there now.
            }
        }

        return await OpenAsync(store, options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether a store holds a Delta table at its root.</summary>
    /// <param name="store">The store.</param>
    /// <param name="cancellationToken">Stops the look.</param>
    public static async Task<bool> ExistsAsync(IObjectStore store, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        return (await LogListing.ReadAsync(store, 0, cancellationToken).ConfigureAwait(false)).Latest >= 0;
    }

    /// <summary>Looks for newer versions; costs their commits, not the table.</summary>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>The latest version.</returns>
    public async Task<Snapshot> RefreshAsync(CancellationToken cancellationToken = default)
    {
        var known = Volatile.Read(ref _latest);
        var next = await Loader.AdvanceAsync(known, cancellationToken).ConfigureAwait(false);
        Offer(next);
        return Wrap(next);
    }

    /// <summary>An older version (time travel).</summary>
    /// <param name="version">The version.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="DeltaException">There is no such version, or its log was cleaned up.</exception>
    public async Task<Snapshot> SnapshotAtAsync(long version, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(version);
        var latest = Volatile.Read(ref _latest);
        return Wrap(version == latest.Version ? latest : await Loader.LoadAsync(version, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>The newest version committed at or before an instant (time travel).</summary>
    /// <param name="timestamp">The instant.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="DeltaException">The oldest version is younger than the instant.</exception>
    public async Task<Snapshot> SnapshotAtAsync(DateTimeOffset timestamp, CancellationToken cancellationToken = default)
        => await SnapshotAtAsync(await Loader.VersionAtAsync(timestamp, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    /// <summary>Begins a transaction.</summary>
    /// <param name="snapshot">The version it reads; by default the newest one seen.</param>
    public DeltaTransaction BeginTransaction(Snapshot? snapshot = null) => new(this, snapshot ?? Snapshot);

    /// <summary>Reads rows of the newest version seen.</summary>
    public TableScan Scan() => Snapshot.Scan();

    /// <summary>
    /// The rows that versions inserted, updated and deleted, on tables with <c>delta.enableChangeDataFeed</c>: the table's columns as of
    /// the last version, and <c>_change_type</c> (insert, update_preimage, update_postimage, delete), <c>_commit_version</c>,
    /// <c>_commit_timestamp</c>.
    /// </summary>
    /// <param name="fromVersion">The first version.</param>
    /// <param name="toVersion">The last version; null for the latest.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="DeltaException">The range is not one, the feed is off, or a commit or file of it was cleaned up.</exception>
    public IAsyncEnumerable<RecordBatch> ReadChangesAsync(
        long fromVersion, long? toVersion = null, CancellationToken cancellationToken = default)
        => new ChangeDataFeed(this).ReadAsync(fromVersion, toVersion, cancellationToken);

    /// <summary>As <see cref="ReadChangesAsync(long, long?, CancellationToken)"/>, for the versions committed in a span of time.</summary>
    /// <param name="from">The first instant, included.</param>
    /// <param name="to">The last instant, included; null for the latest version.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public IAsyncEnumerable<RecordBatch> ReadChangesAsync(DateTimeOffset from, DateTimeOffset? to = null, CancellationToken cancellationToken = default)
        => new ChangeDataFeed(this).ReadAsync(from, to, cancellationToken);

    /// <summary>
    /// The newest version whose commit changed data; compaction, clean-up and changes of properties or columns did not. What a listener that
    /// was away compares with what it knows (<c>OrchestratorOptions.LatestVersion</c>). Looks for newer versions first.
    /// </summary>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>
    /// The version; null for a table that never had data. Where the log was cleaned up before a commit that changed data is found, or after
    /// 1,000 commits that did not, the newest version that may have: a listener then looks once in vain, and misses nothing.
    /// </returns>
    /// <exception cref="DeltaException">A commit of the log is damaged.</exception>
    public async Task<long?> LatestDataVersionAsync(CancellationToken cancellationToken = default)
    {
        var latest = (await RefreshAsync(cancellationToken).ConfigureAwait(false)).Version;
        for (var version = latest; version >= 0; version--)
        {
            if (latest - version >= DataCommitsMax
                || await Loader.ReadCommitAsync(version, cancellationToken).ConfigureAwait(false) is not { } actions || CommitNews.ChangesData(actions))
            {
                return version;
            }
        }

        return null;
    }

    /// <summary>What happened to the table, newest first.</summary>
    /// <param name="limit">How many versions at most.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public Task<IReadOnlyList<CommitRecord>> HistoryAsync(int limit = int.MaxValue, CancellationToken cancellationToken = default)
        => History.ReadAsync(this, null, limit, cancellationToken);

    /// <summary>An older page of the history, newest first.</summary>
    /// <param name="version">Only versions below this one: the last one of the page before.</param>
    /// <param name="limit">How many versions at most.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public Task<IReadOnlyList<CommitRecord>> HistoryBeforeAsync(long version, int limit, CancellationToken cancellationToken = default)
        => History.ReadAsync(this, version, limit, cancellationToken);

    /// <summary>A table that is not there yet; its first commit makes it.</summary>
    internal static DeltaTable Prepare(IObjectStore store, StructType schema, DeltaTableOptions options)
    {
        options.Validate();
        return new DeltaTable(store, options, TableCreation.Before(schema, options));
    }

    /// <summary>Takes over a newer state; an older one is ignored.</summary>
    internal void Offer(SnapshotState state)
    {
        for (var known = Volatile.Read(ref _latest); state.Version > known.Version;)
        {
            var seen = Interlocked.CompareExchange(ref _latest, state, known);
            if (ReferenceEquals(seen, known))
            {
                return;
            }

            known = seen;
        }
    }

    private Snapshot Wrap(SnapshotState state) => new(state, Store, Options.Dataset);
}
