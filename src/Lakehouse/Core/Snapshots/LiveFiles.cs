using System.Collections;
using System.Collections.Immutable;
using DataPlatform.Lakehouse.DeltaLog;

namespace DataPlatform.Lakehouse.Snapshots;

/// <summary>
/// The files of one version. Immutable: a later version shares the base block and its index and keeps only what changed since, so that
/// moving on by a commit costs the commit's actions, not the table's files.
/// </summary>
internal sealed class LiveFiles : IReadOnlyList<AddFile>
{
    private const int OverlayMin = 4096;
    private const int KeptObjectsMax = 1 << 16;
    private readonly FileBlock _base;
    private readonly ImmutableHashSet<int> _hidden;
    private readonly ImmutableDictionary<FileKey, AddFile> _recent;
    private readonly Lazy<AddFile[]> _all;

    private LiveFiles(FileBlock files, ImmutableHashSet<int> hidden, ImmutableDictionary<FileKey, AddFile> recent, long sizeBytes)
    {
        _base = files;
        _hidden = hidden;
        _recent = recent;
        SizeBytes = sizeBytes;
        _all = new Lazy<AddFile[]>(() => [.. Walk()]);
    }

    /// <summary>The sum of the files' lengths.</summary>
    public long SizeBytes { get; }

    public int Count => _base.Count - _hidden.Count + _recent.Count;

    public AddFile this[int index] => _hidden.IsEmpty && index < _base.Count && Count > KeptObjectsMax ? _base.Get(index) : _all.Value[index];

    public static LiveFiles Of(AddFile[] files) => Of(new ObjectFiles(files));

    public static LiveFiles Of(FileBlock files)
    {
        long size = 0;
        for (var i = 0; i < files.Count; i++)
        {
            size += files.SizeOf(i);
        }

        return new LiveFiles(files, [], ImmutableDictionary<FileKey, AddFile>.Empty, size);
    }

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

        var next = new LiveFiles(_base, hidden.ToImmutable(), recent.ToImmutable(), size);
        return next._recent.Count + next._hidden.Count > Math.Max(OverlayMin, _base.Count / 4) ? Of([.. next.Walk()]) : next;
    }

    public bool TryGet(FileKey key, out AddFile file)
    {
        if (_recent.TryGetValue(key, out file!))
        {
            return true;
        }

        if (_base.Find(key) is >= 0 and var position && !_hidden.Contains(position))
        {
            file = _base.Get(position);
            return true;
        }

        return false;
    }

    /// <summary>Small tables keep their files as objects; large ones make each anew, so that a walk costs no lasting memory.</summary>
    public IEnumerator<AddFile> GetEnumerator() => Count <= KeptObjectsMax ? ((IEnumerable<AddFile>)_all.Value).GetEnumerator() : Walk().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private long Take(FileKey key, ImmutableHashSet<int>.Builder hidden, ImmutableDictionary<FileKey, AddFile>.Builder recent)
    {
        if (recent.TryGetValue(key, out var known))
        {
            recent.Remove(key);
            return known.Size;
        }

        return _base.Find(key) is >= 0 and var position && hidden.Add(position) ? _base.SizeOf(position) : 0;
    }

    private IEnumerable<AddFile> Walk()
    {
        for (var i = 0; i < _base.Count; i++)
        {
            if (_hidden.IsEmpty || !_hidden.Contains(i))
            {
                yield return _base.Get(i);
            }
        }

        foreach (var file in _recent.Values)
        {
            yield return file;
        }
    }
}
