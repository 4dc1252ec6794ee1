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
    private const int LeavesMax = 32;
    private const int KeptObjectsMax = 1 << 16;
    private readonly FileBlock _base;
    private readonly ImmutableHashSet<int> _hidden;
    private readonly ImmutableDictionary<FileKey, AddFile> _recent;
    private readonly Lazy<AddFile[]> _all;
    private readonly Lazy<ObjectFiles> _recentFiles;
    private readonly Lazy<IReadOnlyList<(FileBlock Block, int First)>> _blocks;

    private LiveFiles(FileBlock files, ImmutableHashSet<int> hidden, ImmutableDictionary<FileKey, AddFile> recent, long sizeBytes)
    {
        _base = files;
        _hidden = hidden;
        _recent = recent;
        SizeBytes = sizeBytes;
        _all = new Lazy<AddFile[]>(() => [.. Walk()]);
        _recentFiles = new Lazy<ObjectFiles>(() => new ObjectFiles([.. _recent.Values]));
        _blocks = new Lazy<IReadOnlyList<(FileBlock, int)>>(ListBlocks);
    }

    /// <summary>The sum of the files' lengths.</summary>
    public long SizeBytes { get; }

    /// <summary>The files in blocks, each with the position of its first.</summary>
    public IReadOnlyList<(FileBlock Block, int First)> Blocks => _blocks.Value;

    private ObjectFiles Recent => _recentFiles.Value;

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

        return new LiveFiles(_base, hidden.ToImmutable(), recent.ToImmutable(), size).Settle();
    }

    /// <summary>The file at a position: those of the base, hidden ones included, and the recent ones after them.</summary>
    public AddFile At(int position) => position < _base.Count ? _base.Get(position) : Recent.Get(position - _base.Count);

    /// <summary>Whether the file at a position is no longer live.</summary>
    public bool IsHidden(int position) => !_hidden.IsEmpty && _hidden.Contains(position);

    /// <summary>The rows of all files, from statistics; null when a file has none.</summary>
    public long? CountRows()
    {
        long sum = 0;
        foreach (var (block, first) in Blocks)
        {
            for (var chunk = 0; chunk < block.ChunkCount; chunk++)
            {
                var records = block.LiveRecords(chunk);
                for (var i = 0; i < records.Length; i++)
                {
                    if (!IsHidden(first + block.FirstOf(chunk) + i))
                    {
                        if (records[i] < 0)
                        {
                            return null;
                        }

                        sum += records[i];
                    }
                }
            }
        }

        return sum;
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

    /// <summary>
    /// Keeps the overlay small: its files become a block of their own, which later versions share with what was learnt of it. Where there are
    /// many blocks, those after the first become one; where many files are gone, all begin anew. Each costs what the commits since then brought.
    /// </summary>
    private LiveFiles Settle()
    {
        if (_hidden.Count > Math.Max(OverlayMin, _base.Count / 4))
        {
            return Of([.. Walk()]);
        }

        if (_recent.Count <= OverlayMin)
        {
            return this;
        }

        var first = _base.Leaves.First();
        if (_base.Leaves.Count() < LeavesMax)
        {
            return new LiveFiles(new JoinedFiles(_base, Recent), _hidden, ImmutableDictionary<FileKey, AddFile>.Empty, SizeBytes);
        }

        var added = Enumerable.Range(first.Count, _base.Count - first.Count).Where(i => !IsHidden(i)).Select(_base.Get);
        var late = new ObjectFiles([.. added, .. _recent.Values]);
        return late.Count > first.Count ? Of([.. Walk()])
            : new LiveFiles(new JoinedFiles(first, late), [.. _hidden.Where(h => h < first.Count)], ImmutableDictionary<FileKey, AddFile>.Empty, SizeBytes);
    }

    private List<(FileBlock Block, int First)> ListBlocks()
    {
        List<(FileBlock, int)> blocks = [];
        var first = 0;
        foreach (var leaf in _base.Leaves)
        {
            blocks.Add((leaf, first));
            first += leaf.Count;
        }

        if (!_recent.IsEmpty)
        {
            blocks.Add((Recent, first));
        }

        return blocks;
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
