using DataPlatform.Lakehouse.Expressions;

namespace DataPlatform.Lakehouse.Scans.Skipping;

/// <summary>Which truth values a condition can take in each file of a chunk. The same answers as <see cref="TruthRules"/>, file by file.</summary>
/// <param name="columns">The bounds of columns by name.</param>
/// <param name="count">The files of the chunk.</param>
internal sealed class ChunkTruths(IReadOnlyDictionary<string, ColumnBounds> columns, int count)
{
    private static readonly Truths[] AndTable = [.. Enumerable.Range(0, 64).Select(i => TruthRules.And((Truths)(i >> 3), (Truths)(i & 7)))];
    private static readonly Truths[] NotTable = [.. Enumerable.Range(0, 8).Select(i => TruthRules.Not((Truths)i))];

    public Truths[] Of(Expression expression) => expression switch
    {
        Expression.Call { Function: "and" } and => And(Of(and.Arguments[0]), Of(and.Arguments[1])),
        Expression.Call { Function: "or" } or => Not(And(Not(Of(or.Arguments[0])), Not(Of(or.Arguments[1])))),
        Expression.Call { Function: "not" } not => Not(Of(not.Arguments[0])),
        _ => Partition(expression) ?? Simple(expression) ?? Each(expression),
    };

    /// <summary>As <see cref="Of"/>, where passes over whole columns are enough for the answer; null where they are not.</summary>
    public Truths[]? InPasses(Expression expression)
    {
        switch (expression)
        {
            case Expression.Call { Function: "and" or "or" } call:
                if (InPasses(call.Arguments[0]) is not { } left || InPasses(call.Arguments[1]) is not { } right)
                {
                    return null;
                }

                return call.Function == "and" ? And(left, right) : Not(And(Not(left), Not(right)));
            case Expression.Call { Function: "not" } not:
                return InPasses(not.Arguments[0]) is { } inner ? Not(inner) : null;
            default:
                return Simple(expression);
        }
    }

    /// <summary>The bounds of a file's column, for reasons.</summary>
    public Bounds Bounds(string column, int row) => columns.TryGetValue(column, out var bounds) ? bounds.Of(row) : Scans.Bounds.Unknown;

    /// <summary>A condition on one partition column is decided once per value.</summary>
    private Truths[]? Partition(Expression expression)
    {
        string[] names = [.. expression.Columns().Take(2)];
        if (names.Length != 1 || columns.GetValueOrDefault(names[0]) is not PartitionBounds partition)
        {
            return null;
        }

        Truths[] byCode = [.. partition.Values.Select(v => TruthRules.Of(expression, _ => Scans.Bounds.Exactly(v)))];
        var truths = new Truths[count];
        for (var i = 0; i < count; i++)
        {
            truths[i] = byCode[partition.Codes[i]];
        }

        return truths;
    }

    private Truths[]? Simple(Expression expression) => expression switch
    {
        Expression.Call { Function: "isnull", Arguments: [Expression.Column column] } when Find(column) is { } bounds => IsNull(bounds),
        Expression.Call { Function: "in", Arguments: [Expression.Column column, .. var items] } when Find(column) is { } bounds => In(bounds, items),
        Expression.Call { Arguments: [Expression.Column column, Expression.Literal { Value: { } value }] } call
            when Find(column) is { } bounds => Compare(call.Function, bounds, value),
        Expression.Call { Arguments: [Expression.Literal { Value: { } value }, Expression.Column column] } call
            when Find(column) is { } bounds => Compare(TruthRules.Mirror(call.Function), bounds, value),
        _ => null,
    };

    private ColumnBounds? Find(Expression.Column column) => columns.GetValueOrDefault(column.Name);

    private Truths[]? Compare(string symbol, ColumnBounds bounds, object value)
    {
        var truths = new Truths[count];
        return ComparisonRules.Of(symbol) is { } rules && bounds.TryCompare(rules, value, truths) ? truths : null;
    }

    private Truths[] IsNull(ColumnBounds bounds)
    {
        var truths = new Truths[count];
        for (var i = 0; i < count; i++)
        {
            var facts = bounds.Facts[i];
            truths[i] = ((facts & BoundFacts.MayBeNull) != 0 ? Truths.True : Truths.None)
                | ((facts & BoundFacts.MayHaveValue) != 0 ? Truths.False : Truths.None);
        }

        return truths;
    }

    private Truths[]? In(ColumnBounds bounds, Expression[] items)
    {
        // None of the items: false, or NULL where the value or an item is.
        var otherwise = System.Array.Exists(items, i => i is Expression.Literal { Value: null }) ? Truths.Null : Truths.False;
        var truths = new Truths[count];
        foreach (var item in items)
        {
            if (item is Expression.Literal { Value: null })
            {
                continue;
            }

            if (item is not Expression.Literal { Value: { } value } || Compare("=", bounds, value) is not { } equal)
            {
                return null;
            }

            for (var i = 0; i < count; i++)
            {
                truths[i] |= equal[i];
            }
        }

        for (var i = 0; i < count; i++)
        {
            // A single value that equals an item is in the list, whatever the other items are.
            var isOne = (bounds.Facts[i] & BoundFacts.MayBeNull) == 0 && !truths[i].HasFlag(Truths.Null) && IsConstant(bounds, i);
            truths[i] = isOne && (truths[i] & Truths.True) != 0 ? Truths.True
                : truths[i] == Truths.None || (truths[i] & Truths.False) != 0 ? (truths[i] & ~Truths.False) | otherwise : truths[i];
        }

        return truths;
    }

    private static bool IsConstant(ColumnBounds bounds, int row)
        => bounds.Facts[row] == (BoundFacts.HasMinimum | BoundFacts.HasMaximum | BoundFacts.MayHaveValue) && bounds.IsOneValue(row);

    /// <summary>Whatever else a condition is: reasoned about file by file.</summary>
    private Truths[] Each(Expression expression)
    {
        var truths = new Truths[count];
        for (var i = 0; i < count; i++)
        {
            var row = i;
            truths[i] = TruthRules.Of(expression, column => Bounds(column, row));
        }

        return truths;
    }

    private static Truths[] And(Truths[] left, Truths[] right)
    {
        for (var i = 0; i < left.Length; i++)
        {
            left[i] = AndTable[((int)left[i] << 3) | (int)right[i]];
        }

        return left;
    }

    private static Truths[] Not(Truths[] truths)
    {
        for (var i = 0; i < truths.Length; i++)
        {
            truths[i] = NotTable[(int)truths[i]];
        }

        return truths;
    }
}
