using System.Collections;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Lakehouse.Scans.Skipping;

/// <summary>Some files of a version by position; each is made an object when it is asked for, so that a plan over a million files is small.</summary>
internal sealed class FileSelection(LiveFiles files, List<int> positions) : IReadOnlyList<AddFile>
{
    public int Count => positions.Count;

    public AddFile this[int index] => files.At(positions[index]);

    public IEnumerator<AddFile> GetEnumerator() => positions.Select(files.At).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>The files that a plan leaves out; the reason is put into words when somebody asks.</summary>
internal sealed class PrunedFiles(FilePruner pruner, LiveFiles files, List<int> positions) : IReadOnlyList<PrunedFile>
{
    public int Count => positions.Count;

    public PrunedFile this[int index] => pruner.Explain(positions[index]);

    public IEnumerator<PrunedFile> GetEnumerator() => positions.Select(pruner.Explain).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => $"{Count} of {files.Count} files";
}
