using DataPlatform.Lakehouse.Expressions;
using DataPlatform.Lakehouse.Scans.Skipping;

namespace DataPlatform.Lakehouse.Scans;

/// <summary>Which truth values a condition can take over the rows of a file.</summary>
[Flags]
internal enum Truths
{
    /// <summary>None: there is no row.</summary>
    None = 0,

    /// <summary>Some row may satisfy it.</summary>
    True = 1,

    /// <summary>Some row may fail it.</summary>
    False = 2,

    /// <summary>Some row may make it NULL.</summary>
    Null = 4,

    /// <summary>Anything.</summary>
    Any = True | False | Null,
}

/// <summary>What is known of a column's values in one file.</summary>
/// <param name="Minimum">No value is below it; null where unknown.</param>
/// <param name="Maximum">No value is above it; null where unknown.</param>
/// <param name="MayBeNull">Whether some value may be null.</param>
/// <param name="MayHaveValue">Whether some value may be not null.</param>
internal readonly record struct Bounds(object? Minimum, object? Maximum, bool MayBeNull, bool MayHaveValue)
{
    public static Bounds Unknown { get; } = new(null, null, true, true);

    public static Bounds Exactly(object? value) => new(value, value, value is null, value is not null);
}

/// <summary>Reasons about a condition over a file's bounds, without its rows. Pure.</summary>
internal static class TruthRules
{
    public static Truths Of(Expression expression, Func<string, Bounds> bounds)
    {
        switch (expression)
        {
            case Expression.Literal { Value: bool flag }: return flag ? Truths.True : Truths.False;
            case Expression.Literal { Value: null }: return Truths.Null;
            case Expression.Call { Function: "and" } and: return And(Of(and.Arguments[0], bounds), Of(and.Arguments[1], bounds));
            case Expression.Call { Function: "or" } or: return Not(And(Not(Of(or.Arguments[0], bounds)), Not(Of(or.Arguments[1], bounds))));
            case Expression.Call { Function: "not" } not: return Not(Of(not.Arguments[0], bounds));
        }

        if (TryExact(expression, bounds, out var exact))
        {
            return exact;
        }

        return expression switch
        {
            Expression.Call { Function: "isnull", Arguments: [Expression.Column column] } => IsNull(bounds(column.Name)),
            Expression.Call { Function: "in", Arguments: [Expression.Column column, .. var items] } => In(bounds(column.Name), items),
            Expression.Call { Arguments: [Expression.Column column, Expression.Literal { Value: { } value }] } compare
                => Compare(compare.Function, bounds(column.Name), value),
            Expression.Call { Arguments: [Expression.Literal { Value: { } value }, Expression.Column column] } compare
                => Compare(Mirror(compare.Function), bounds(column.Name), value),
            _ => Truths.Any,
        };
    }

    /// <summary>Where each column has one value in the whole file, as partition columns do, the condition can simply be evaluated.</summary>
    private static bool TryExact(Expression expression, Func<string, Bounds> bounds, out Truths truths)
    {
        Dictionary<string, object?> values = new(StringComparer.OrdinalIgnoreCase);
        foreach (var column in expression.Columns())
        {
            var known = bounds(column);
            var isConstant = !known.MayHaveValue || (!known.MayBeNull && known.Minimum is not null && known.Minimum.Equals(known.Maximum));
            if (!isConstant)
            {
                truths = Truths.Any;
                return false;
            }

            values[column] = known.MayHaveValue ? known.Minimum : null;
        }

        truths = new Evaluator(c => values[c], DateTimeOffset.UnixEpoch).Value(expression) switch
        {
            true => Truths.True,
            false => Truths.False,
            _ => Truths.Null,
        };
        return !UsesTime(expression);
    }

    private static bool UsesTime(Expression expression) => expression is Expression.Call call
        && (call.Function is "now" or "current_timestamp" or "current_date" || call.Arguments.Any(UsesTime));

    private static Truths IsNull(Bounds bounds)
        => (bounds.MayBeNull ? Truths.True : Truths.None) | (bounds.MayHaveValue ? Truths.False : Truths.None);

    private static Truths In(Bounds bounds, Expression[] items)
    {
        var (result, hasNull) = (Truths.None, false);
        foreach (var item in items)
        {
            switch (item)
            {
                case Expression.Literal { Value: { } value }: result |= Compare("=", bounds, value); break;
                case Expression.Literal: hasNull = true; break;
                default: return Truths.Any;
            }
        }

        // None of the items: false, or NULL where an item is.
        return result == Truths.None || result.HasFlag(Truths.False) ? (result & ~Truths.False) | (hasNull ? Truths.Null : Truths.False) : result;
    }

    private static Truths Compare(string symbol, Bounds bounds, object value)
    {
        if (ComparisonRules.Of(symbol) is null)
        {
            return Truths.Any;
        }

        var low = bounds.Minimum is { } min ? Values.Compare(min, value) : null;
        var high = bounds.Maximum is { } max ? Values.Compare(max, value) : null;
        return Compare(
            symbol, below: low is null or < 0, at: low is null or <= 0 && high is null or >= 0, above: high is null or > 0,
            bounds.MayBeNull, bounds.MayHaveValue);
    }

    /// <summary>What a comparison with a value can come out as, given where values of the column may lie.</summary>
    public static Truths Compare(string symbol, bool below, bool at, bool above, bool mayBeNull, bool mayHaveValue)
    {
        var nulls = mayBeNull ? Truths.Null : Truths.None;
        if (!mayHaveValue)
        {
            return symbol == "<=>" && mayBeNull ? Truths.False : nulls;
        }

        var (isTrue, isFalse) = symbol switch
        {
            "=" => (at, below || above),
            "<=>" => (at, below || above || mayBeNull),
            "<>" => (below || above, at),
            "<" => (below, at || above),
            "<=" => (below || at, above),
            ">" => (above, at || below),
            _ => (above || at, below),
        };
        return (isTrue ? Truths.True : Truths.None) | (isFalse ? Truths.False : Truths.None) | (symbol == "<=>" ? Truths.None : nulls);
    }

    public static string Mirror(string symbol) => symbol switch { "<" => ">", "<=" => ">=", ">" => "<", ">=" => "<=", _ => symbol };

    public static Truths Not(Truths truths)
        => (truths & Truths.Null) | (truths.HasFlag(Truths.True) ? Truths.False : Truths.None) | (truths.HasFlag(Truths.False) ? Truths.True : Truths.None);

    /// <summary>Every pair of values that the two sides can take, joined.</summary>
    public static Truths And(Truths left, Truths right)
    {
        var result = Truths.None;
        result |= left.HasFlag(Truths.True) && right.HasFlag(Truths.True) ? Truths.True : Truths.None;
        result |= left.HasFlag(Truths.False) || right.HasFlag(Truths.False) ? Truths.False : Truths.None;
        result |= (left.HasFlag(Truths.Null) && right != Truths.False) || (right.HasFlag(Truths.Null) && left != Truths.False) ? Truths.Null : Truths.None;
        return result;
    }
}
