using System.Collections;
using System.Collections.Immutable;
using DataPlatform.Lakehouse.DeltaLog;

namespace DataPlatform.Lakehouse.Snapshots;

/// <summary>
/// The files of one version. Immutable: a later version shares the base array and its index and keeps only what changed since, so that
/// moving on by a commit costs the commit's actions, not the table's files.
/// </summary>
internal sealed class LiveFiles : IReadOnlyList<AddFile>
{
    private const int OverlayMin = 4096;
    private readonly AddFile[] _base;
    private readonly Lazy<Dictionary<FileKey, int>> _index;
    private readonly ImmutableHashSet<int> _hidden;
    private readonly ImmutableDictionary<FileKey, AddFile> _recent;
    private readonly Lazy<AddFile[]> _all;

    private LiveFiles(
        AddFile[] files, Lazy<Dictionary<FileKey, int>> index, ImmutableHashSet<int> hidden, ImmutableDictionary<FileKey, AddFile> recent, long sizeBytes)
    {
        _base = files;
        _index = index;
        _hidden = hidden;
        _recent = recent;
        SizeBytes = sizeBytes;
        _all = new Lazy<AddFile[]>(Flatten);
    }

    /// <summary>The sum of the files' lengths.</summary>
    public long SizeBytes { get; }

    public int Count => _base.Length - _hidden.Count + _recent.Count;

    public AddFile this[int index] => _all.Value[index];

    public static LiveFiles Of(AddFile[] files) => new(
        files, new(() => Index(files)), [], ImmutableDictionary<FileKey, AddFile>.Empty, files.Sum(f => f.Size));

    /// <summary>The files after one more commit.</summary>
    public LiveFiles With(IEnumerable<DeltaAction> commit)
    {
        var hidden = _hidden.ToBuilder();
        var recent = _recent.ToBuilder();
        var size = SizeBytes;
        foreach (var action in commit)
        {
            if (action is AddFile or RemoveFile)
            {
                var key = action is AddFile a ? a.Key : ((RemoveFile)action).Key;
                size -= Take(key, hidden, recent);
                if (action is AddFile add)
                {
                    recent[key] = add;
                    size += add.Size;
                }
            }
        }

        var next = new LiveFiles(_base, _index, hidden.ToImmutable(), recent.ToImmutable(), size);
        return next._recent.Count + next._hidden.Count > Math.Max(OverlayMin, _base.Length / 4) ? Of(next.Flatten()) : next;
    }

    public bool TryGet(FileKey key, out AddFile file)
    {
        if (_recent.TryGetValue(key, out file!))
        {
            return true;
        }

        if (_index.Value.TryGetValue(key, out var position) && !_hidden.Contains(position))
        {
            file = _base[position];
            return true;
        }

        return false;
    }

    public IEnumerator<AddFile> GetEnumerator() => ((IEnumerable<AddFile>)_all.Value).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static Dictionary<FileKey, int> Index(AddFile[] files)
    {
        Dictionary<FileKey, int> index = new(files.Length);
        for (var i = 0; i < files.Length; i++)
        {
            index[files[i].Key] = i;
        }

        return index;
    }

    private long Take(FileKey key, ImmutableHashSet<int>.Builder hidden, ImmutableDictionary<FileKey, AddFile>.Builder recent)
    {
        if (recent.TryGetValue(key, out var known))
        {
            recent.Remove(key);
            return known.Size;
        }

        return _index.Value.TryGetValue(key, out var position) && hidden.Add(position) ? _base[position].Size : 0;
    }

    private AddFile[] Flatten()
    {
        var all = new AddFile[Count];
        var next = 0;
        for (var i = 0; i < _base.Length; i++)
        {
            if (_hidden.Count == 0 || !_hidden.Contains(i))
            {
                all[next++] = _base[i];
            }
        }

        foreach (var file in _recent.Values)
        {
            all[next++] = file;
        }

        return all;
    }
}
