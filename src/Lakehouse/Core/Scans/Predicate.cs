using DataPlatform.Lakehouse.Expressions;

namespace DataPlatform.Lakehouse.Scans;

/// <summary>A condition on rows, in SQL: comparisons, AND, OR, NOT, IN, BETWEEN, LIKE, IS NULL, arithmetic, CASE, and common functions.</summary>
/// <remarks>
/// The dialect is that of Delta's constraints: <c>'text'</c> or <c>"text"</c>, <c>`column`</c>, <c>DATE '2001-01-31'</c>,
/// <c>TIMESTAMP '2001-01-31 08:00:00'</c> (UTC). A row for which the condition is NULL does not satisfy it. Immutable.
/// </remarks>
public sealed class Predicate
{
    internal Predicate(Expression expression) => Expression = expression;

    internal Expression Expression { get; }

    /// <summary>Reads a condition.</summary>
    /// <param name="sql">For example <c>day = DATE '2001-01-03' AND delay > 60</c>.</param>
    /// <exception cref="DeltaException">The text is not a condition.</exception>
    public static Predicate Parse(string sql)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(sql);
        var expression = ExpressionParser.Parse(sql);
        Evaluator.Check(expression, $"The condition '{sql}'");
        return new Predicate(expression);
    }

    /// <summary>Both conditions.</summary>
    /// <param name="other">The other one.</param>
    public Predicate And(Predicate other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new Predicate(new Expression.Call("and", [Expression, other.Expression]));
    }

    /// <inheritdoc/>
    public override string ToString() => Expression.ToString()!;
}
