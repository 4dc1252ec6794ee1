using Apache.Arrow;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Scans;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Lakehouse.Commands;

/// <summary>Which rows of a table go: by file as far as its bounds tell, else by row.</summary>
internal interface IRowSelection
{
    /// <summary>Whether a file may have such rows.</summary>
    bool MayMatch(AddFile file);

    /// <summary>Whether the bounds prove that every row of a file is one.</summary>
    bool MatchesAll(AddFile file);

    /// <summary>The rows of a batch that go.</summary>
    int[] Matching(RecordBatch batch);
}

/// <summary>Rows that satisfy a condition.</summary>
internal sealed class ConditionSelection(Snapshot snapshot, Predicate where) : IRowSelection
{
    private readonly FileBounds _bounds = new(snapshot);

    public bool MayMatch(AddFile file) => TruthRules.Of(where.Expression, _bounds.Of(file)).HasFlag(Truths.True);

    public bool MatchesAll(AddFile file) => TruthRules.Of(where.Expression, _bounds.Of(file)) == Truths.True;

    public int[] Matching(RecordBatch batch) => RowFilter.Matching(batch, where.Expression);
}
