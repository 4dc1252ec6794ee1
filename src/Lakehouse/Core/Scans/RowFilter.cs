using Apache.Arrow;
using DataPlatform.Lakehouse.Expressions;
using DataPlatform.Lakehouse.Scans.Skipping;

namespace DataPlatform.Lakehouse.Scans;

/// <summary>Finds the rows that satisfy a condition: by passes over whole columns where the condition allows it, else row by row.</summary>
internal static class RowFilter
{
    /// <summary>The rows for which the condition is true.</summary>
    public static int[] Matching(RecordBatch batch, Expression condition)
    {
        Dictionary<string, ColumnBounds> columns = new(StringComparer.OrdinalIgnoreCase);
        foreach (var name in condition.Columns())
        {
            if (batch.Schema.GetFieldIndex(name, StringComparer.OrdinalIgnoreCase) is >= 0 and var i && RowValues.Of(batch.Column(i)) is { } values)
            {
                columns[name] = values;
            }
        }

        var passes = new ChunkTruths(columns, batch.Length);
        var keep = new bool[batch.Length];
        System.Array.Fill(keep, true);
        List<Expression> left = [];
        foreach (var conjunct in condition.Conjuncts())
        {
            if (passes.InPasses(conjunct) is not { } truths)
            {
                left.Add(conjunct);
                continue;
            }

            for (var i = 0; i < keep.Length; i++)
            {
                keep[i] &= truths[i] == Truths.True;
            }
        }

        foreach (var conjunct in left)
        {
            EachRow(batch, conjunct, keep);
        }

        List<int> rows = [];
        for (var i = 0; i < keep.Length; i++)
        {
            if (keep[i])
            {
                rows.Add(i);
            }
        }

        return [.. rows];
    }

    /// <summary>Evaluates what is left for the rows that are left.</summary>
    private static void EachRow(RecordBatch batch, Expression condition, bool[] keep)
    {
        var row = 0;
        var readers = condition.Columns().ToDictionary(c => c, c => ArrowValues.Reader(batch, c), StringComparer.OrdinalIgnoreCase);
        var evaluator = new Evaluator(c => readers[c](row), DateTimeOffset.UnixEpoch);
        for (; row < keep.Length; row++)
        {
            keep[row] = keep[row] && evaluator.Value(condition) is true;
        }
    }
}
