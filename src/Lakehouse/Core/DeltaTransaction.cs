using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Snapshots;
using DataPlatform.Lakehouse.Transactions;

namespace DataPlatform.Lakehouse;

/// <summary>A set of actions that become visible together, or not at all. Begin one with <see cref="DeltaTable.BeginTransaction"/>.</summary>
/// <remarks>Not thread-safe. Can be committed once. An uncommitted transaction leaves at most unreferenced files, which clean-up removes.</remarks>
public sealed class DeltaTransaction
{
    private readonly DeltaTable _table;
    private readonly List<DeltaAction> _actions = [];
    private bool _committed;

    internal DeltaTransaction(DeltaTable table, Snapshot snapshot)
    {
        _table = table;
        Snapshot = snapshot;
    }

    /// <summary>The version that the transaction reads.</summary>
    public Snapshot Snapshot { get; }

    /// <summary>The isolation to commit under; null takes the table's.</summary>
    public IsolationLevel? Isolation { get; set; }

    /// <summary>Free text for the commit's history entry.</summary>
    public string? UserMetadata { get; set; }

    internal IReadOnlyList<DeltaAction> Actions => _actions;

    internal ReadSet Reads { get; } = new();

    internal Dictionary<string, string> Metrics { get; } = new(StringComparer.Ordinal);

    /// <summary>Makes a written file part of the table.</summary>
    /// <param name="file">The file, already durable in the store.</param>
    public void Add(AddFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        _actions.Add(file);
    }

    internal void Add(AddCdcFile file) => _actions.Add(file);

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
    /// Sets an application's version. Reading <see cref="Snapshot.TransactionVersion"/> first and skipping what is already there makes a write
    /// idempotent; a commit of the same application that wins meanwhile makes this one fail with Conflict.
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

    /// <summary>Sets or takes away a domain.</summary>
    /// <param name="domain">The domain.</param>
    public void SetDomain(DomainMetadata domain)
    {
        ArgumentNullException.ThrowIfNull(domain);
        _actions.RemoveAll(a => a is DomainMetadata d && d.Domain == domain.Domain);
        _actions.Add(domain);
    }

    /// <summary>Notes that the result depends on every row of the table.</summary>
    public void ReadWholeTable() => Reads.AddTable();

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
    /// <exception cref="DeltaException">Conflict: a winner changed what was read; begin again from a new snapshot. Nothing was committed.</exception>
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
}
