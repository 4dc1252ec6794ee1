using DataPlatform.Lakehouse.Commands;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Scans;
using DataPlatform.Lakehouse.Snapshots;
using DataPlatform.Lakehouse.Transactions;

namespace DataPlatform.Lakehouse;

/// <summary>
/// A set of actions that become visible together, or not at all. Begin one with <see cref="DeltaTable.BeginTransaction"/>.
/// </summary>
/// <remarks>Not thread-safe. Can be committed once. An uncommitted transaction leaves at most unreferenced files, which clean-up
/// removes.</remarks>
public sealed class DeltaTransaction
{
    private readonly DeltaTable _table;
    private readonly List<DeltaAction> _actions = [];
    private readonly long _began;
    private bool _committed;

    internal DeltaTransaction(DeltaTable table, Snapshot snapshot)
    {
        _table = table;
        Snapshot = snapshot;
        _began = table.Options.Time.GetTimestamp();
    }

    /// <summary>The version that the transaction reads.</summary>
    public Snapshot Snapshot { get; }

    /// <summary>The isolation to commit under; null takes the table's.</summary>
    public IsolationLevel? Isolation { get; set; }

    /// <summary>Free text for the commit's history entry.</summary>
    public string? UserMetadata { get; set; }

    /// <summary>Where the rows come from, told with the commit where the table has a name; null where that is not known.</summary>
    public CommitLineage? Lineage { get; set; }

    internal IReadOnlyList<DeltaAction> Actions => _actions;

    internal ReadSet Reads { get; } = new();

    internal Dictionary<string, string> Metrics { get; } = new(StringComparer.Ordinal);

    /// <summary>Rows marked as deleted; null where none were asked for.</summary>
    internal long? DeletedRows { get; private set; }

    /// <summary>Whether rows keep their ids and commit versions where this transaction moves them, on tables with row tracking.</summary>
    internal bool KeepsRowIds { get; set; }

    internal TimeSpan Elapsed => _table.Options.Time.GetElapsedTime(_began);

    /// <summary>Makes a written file part of the table.</summary>
    /// <param name="file">The file, already durable in the store.</param>
    public void Add(AddFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        _actions.Add(file);
    }

    internal void Add(AddCdcFile file) => _actions.Add(file);

    internal void CountDeletedRows(long rows) => DeletedRows = (DeletedRows ?? 0) + rows;

    /// <summary>Makes written files part of the table.</summary>
    /// <param name="files">The files, already durable in the store.</param>
    public void Add(IEnumerable<AddFile> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        foreach (var file in files)
        {
            Add(file);
        }
    }

    /// <summary>Takes a live file out of the table.</summary>
    /// <param name="file">A file of <see cref="Snapshot"/>.</param>
    /// <param name="dataChange">False when the same rows are added again in this transaction.</param>
    public void Remove(AddFile file, bool dataChange = true)
    {
        ArgumentNullException.ThrowIfNull(file);
        Reads.Add(file);
        _actions.Add(RemoveFile.Of(file, _table.Options.Time.GetUtcNow(), dataChange));
    }

    /// <summary>
    /// Marks rows of live files as deleted with deletion vectors: what DELETE, UPDATE and MERGE do with the rows that go. Files stay as
    /// they are; a file whose rows are all gone leaves the table. A winner that touches one of the files makes the commit fail with
    /// Conflict.
    /// </summary>
    /// <param name="rows">The rows; those that are deleted already stay so.</param>
    /// <param name="cancellationToken">Stops before the commit; a vector file already written stays unreferenced.</param>
    /// <returns>How many rows were not deleted before.</returns>
    /// <exception cref="DeltaException">
    /// The table does not take deletion vectors (<c>delta.enableDeletionVectors</c>), a file is not live, or it has no such row.
    /// </exception>
    public async Task<long> MarkRowsDeletedAsync(IEnumerable<RowPositions> rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return await RowDeletion.MarkAsync(this, rows, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Sets an application's version. Reading <see cref="Snapshot.TransactionVersion"/> first and skipping what is already there makes a
    /// write idempotent; a commit of the same application that wins meanwhile makes this one fail with Conflict.
    /// </summary>
    /// <param name="appId">The application.</param>
    /// <param name="version">Its version, growing.</param>
    public void SetTransaction(string appId, long version)
    {
        ArgumentException.ThrowIfNullOrEmpty(appId);
        Reads.AddApplication(appId);
        _actions.Add(new TransactionMarker(appId, version, _table.Options.Time.GetUtcNow().ToUnixTimeMilliseconds()));
    }

    /// <summary>Replaces the table's metadata: schema, properties, description.</summary>
    /// <param name="metadata">The whole new metadata.</param>
    public void SetMetadata(Metadata metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        _actions.RemoveAll(a => a is Metadata);
        _actions.Add(metadata);
    }

    /// <summary>Replaces the table's protocol.</summary>
    /// <param name="protocol">The whole new protocol.</param>
    public void SetProtocol(Protocol protocol)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        _actions.RemoveAll(a => a is Protocol);
        _actions.Add(protocol);
    }

    /// <summary>
    /// Sets a domain: configuration under a name that travels with the table. A winner that sets the same one makes the commit fail.
    /// </summary>
    /// <param name="domain">Its name; names that begin with <c>delta.</c> belong to the protocol.</param>
    /// <param name="configuration">Its content; usually JSON.</param>
    /// <exception cref="DeltaException">The name is reserved.</exception>
    public void SetDomain(string domain, string configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        CheckDomain(domain);
        SetReservedDomain(new DomainMetadata(domain, configuration));
    }

    /// <summary>Takes a domain away; nothing where it is not there.</summary>
    /// <param name="domain">Its name.</param>
    /// <exception cref="DeltaException">The name is reserved.</exception>
    public void RemoveDomain(string domain)
    {
        CheckDomain(domain);
        if (Snapshot.Domains.TryGetValue(domain, out var known))
        {
            SetReservedDomain(known with { Removed = true });
        }
    }

    internal void SetReservedDomain(DomainMetadata domain)
    {
        _actions.RemoveAll(a => a is DomainMetadata d && d.Domain == domain.Domain);
        _actions.Add(domain);
    }

    /// <summary>Notes that the result depends on every row of the table.</summary>
    public void ReadWholeTable() => Reads.AddTable();

    /// <summary>Notes that the result depends on the rows that satisfy a condition, those included that others add meanwhile.</summary>
    /// <param name="where">The condition, on the columns of <see cref="Snapshot"/>.</param>
    public void ReadRows(Predicate where)
    {
        ArgumentNullException.ThrowIfNull(where);
        var bounds = new FileBounds(Snapshot);
        Reads.Add(file => TruthRules.Of(where.Expression, bounds.Of(file)).HasFlag(Truths.True));
    }

    /// <summary>Notes that the result depends on the rows of a file.</summary>
    /// <param name="file">A file of <see cref="Snapshot"/>.</param>
    public void ReadFile(AddFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        Reads.Add(file);
    }

    /// <summary>Commits.</summary>
    /// <param name="operation">What was done, for the history: <c>WRITE</c>, <c>DELETE</c>, ...</param>
    /// <param name="parameters">Its parameters, for the history.</param>
    /// <param name="cancellationToken">Cancelled: the commit may have become visible if the store was mid-call.</param>
    /// <returns>The version written.</returns>
    /// <exception cref="DeltaException">Conflict: a winner changed what was read; begin again from a new snapshot. Nothing was
    /// committed.</exception>
    public async Task<long> CommitAsync(
        string operation, IReadOnlyDictionary<string, string>? parameters = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(operation);
        if (_committed)
        {
            throw new InvalidOperationException("This transaction is committed already; begin another one.");
        }

        var version = await _table.Committer.CommitAsync(this, operation, parameters, cancellationToken).ConfigureAwait(false);
        _committed = true;
        return version;
    }

    /// <summary>Commits.</summary>
    /// <param name="operation">What was done, for the history.</param>
    /// <param name="cancellationToken">Cancelled: the commit may have become visible if the store was mid-call.</param>
    /// <returns>The version written.</returns>
    public Task<long> CommitAsync(string operation, CancellationToken cancellationToken) => CommitAsync(operation, null, cancellationToken);

    private static void CheckDomain(string domain)
    {
        ArgumentException.ThrowIfNullOrEmpty(domain);
        if (domain.StartsWith("delta.", StringComparison.Ordinal))
        {
            throw DeltaException.Invalid(
                $"The domain '{domain}' belongs to the protocol; choose a name that does not begin with 'delta.'.");
        }
    }
}
