using DataPlatform.Lakehouse.Expressions;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Lakehouse.Scans.Skipping;

/// <summary>Sorts a version's files into those that may hold rows for a condition and those that cannot.</summary>
internal sealed class FilePruner
{
    private readonly LiveFiles _files;
    private readonly Expression[] _conjuncts;
    private readonly string[] _names;
    private readonly StatisticsColumn[] _columns;

    public FilePruner(Snapshot snapshot, Expression condition)
    {
        _files = snapshot.State.Files;
        _conjuncts = [.. condition.Conjuncts()];
        var found = condition.Columns()
            .Select(name => (Name: name, Column: StatisticsColumn.Find(snapshot.Schema, snapshot.PartitionColumns, name)))
            .Where(c => c.Column is not null).ToArray();
        _names = [.. found.Select(c => c.Name)];
        _columns = [.. found.Select(c => c.Column!)];
    }

    public ScanPlan Plan()
    {
        List<int> kept = [];
        List<int> pruned = [];
        foreach (var (block, first) in _files.Blocks)
        {
            var bounds = block.Bounds.Of(_columns);
            for (var chunk = 0; chunk < block.ChunkCount; chunk++)
            {
                Sort(block, chunk, first, bounds, kept, pruned);
            }
        }

        return new ScanPlan(new FileSelection(_files, kept), new PrunedFiles(this, _files, pruned));
    }

    /// <summary>Why a file is left out.</summary>
    public PrunedFile Explain(int position)
    {
        var (block, first) = _files.Blocks.Last(b => b.First <= position);
        var chunk = block.ChunkOf(position - first);
        var row = position - first - block.FirstOf(chunk);
        var known = Named(block.Bounds.Of(_columns), chunk);
        Bounds Of(string name) => known.TryGetValue(name, out var bounds) ? bounds.Of(row) : Bounds.Unknown;
        var failed = Array.Find(_conjuncts, c => !TruthRules.Of(c, Of).HasFlag(Truths.True));
        return new PrunedFile(_files.At(position), failed is null ? "the condition cannot hold" : Reason(failed, Of));
    }

    private void Sort(FileBlock block, int chunk, int first, ColumnBounds[][] bounds, List<int> kept, List<int> pruned)
    {
        var count = block.CountOf(chunk);
        var start = first + block.FirstOf(chunk);
        var evaluator = new ChunkTruths(Named(bounds, chunk), count);
        var mayHold = new bool[count];
        Array.Fill(mayHold, true);
        foreach (var conjunct in _conjuncts)
        {
            var truths = evaluator.Of(conjunct);
            for (var i = 0; i < count; i++)
            {
                mayHold[i] &= (truths[i] & Truths.True) != 0;
            }
        }

        for (var i = 0; i < count; i++)
        {
            if (!_files.IsHidden(start + i))
            {
                (mayHold[i] ? kept : pruned).Add(start + i);
            }
        }
    }

    private Dictionary<string, ColumnBounds> Named(ColumnBounds[][] bounds, int chunk)
    {
        Dictionary<string, ColumnBounds> named = new(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < _names.Length; i++)
        {
            named[_names[i]] = bounds[i][chunk];
        }

        return named;
    }

    private static string Reason(Expression failed, Func<string, Bounds> known)
    {
        var facts = failed.Columns().Select(c => known(c) is var b && !b.MayHaveValue ? $"{c} is NULL in every row"
            : b.Minimum is not null && b.Minimum.Equals(b.Maximum) ? $"{c} is {new Expression.Literal(b.Minimum)}"
            : $"{c} lies in [{Show(b.Minimum)}, {Show(b.Maximum)}]{(b.MayBeNull ? string.Empty : " and is never NULL")}");
        return $"{failed} cannot hold: {string.Join("; ", facts)}";
    }

    private static string Show(object? bound) => bound is null ? "?" : new Expression.Literal(bound).ToString();
}
