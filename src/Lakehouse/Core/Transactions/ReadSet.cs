using DataPlatform.Lakehouse.DeltaLog;

namespace DataPlatform.Lakehouse.Transactions;

/// <summary>What a transaction has read, so that the conflict check can tell whether a winner changed it.</summary>
internal sealed class ReadSet
{
    private readonly HashSet<FileKey> _files = [];
    private readonly HashSet<string> _applications = new(StringComparer.Ordinal);
    private readonly List<Func<AddFile, bool>> _predicates = [];

    /// <summary>Whether the whole table was read.</summary>
    public bool WholeTable { get; private set; }

    /// <summary>Whether nothing of the table's rows was read: then an append is blind.</summary>
    public bool IsEmpty => !WholeTable && _files.Count == 0 && _predicates.Count == 0;

    public void AddTable() => WholeTable = true;

    public void Add(AddFile file) => _files.Add(file.Key);

    /// <summary>Notes a scan: it depends on every file that may match, those of others too.</summary>
    public void Add(Func<AddFile, bool> mayMatch) => _predicates.Add(mayMatch);

    public void AddApplication(string appId) => _applications.Add(appId);

    public bool Holds(FileKey file) => _files.Contains(file);

    public bool HoldsApplication(string appId) => _applications.Contains(appId);

    public bool MayMatch(AddFile file) => WholeTable || _predicates.Any(p => p(file));
}
