using Apache.Arrow;
using DataPlatform.Lakehouse.Expressions;

namespace DataPlatform.Lakehouse.Scans;

/// <summary>Evaluates a condition row by row.</summary>
internal static class RowFilter
{
    /// <summary>The rows for which the condition is true.</summary>
    public static int[] Matching(RecordBatch batch, Expression condition)
    {
        var row = 0;
        var readers = condition.Columns().ToDictionary(c => c, c => ArrowValues.Reader(batch, c), StringComparer.OrdinalIgnoreCase);
        var evaluator = new Evaluator(c => readers[c](row), DateTimeOffset.UnixEpoch);
        List<int> rows = [];
        for (; row < batch.Length; row++)
        {
            if (evaluator.Value(condition) is true)
            {
                rows.Add(row);
            }
        }

        return [.. rows];
    }
}
