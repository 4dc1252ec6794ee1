using DataPlatform.Kernel;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality;

/// <summary>The row rules of a suite as a test of single records, for streams: no query, no SQL.</summary>
/// <typeparam name="T">The record.</typeparam>
/// <remarks>Immutable and thread-safe once built. Rules over whole tables (uniqueness, references, counts) are not asked here.</remarks>
public sealed class RowGate<T>
{
    private readonly RowCheck<T>[] _checks;

    private RowGate(RowCheck<T>[] checks) => _checks = checks;

    /// <summary>Builds a gate.</summary>
    /// <param name="suite">The suite; its row rules are used.</param>
    /// <param name="columns">How to get a column's value from a record, by name without regard to case. Null stands for NULL.</param>
    /// <param name="severityMin">Rules below this severity are left out; critical ones only unless said otherwise.</param>
    /// <exception cref="QualityException">A rule names a column that is not given, or holds SQL, a filter among it, which only a database can judge.</exception>
    public static RowGate<T> Build(QualitySuite suite, IReadOnlyDictionary<string, Func<T, object?>> columns, Severity severityMin = Severity.Critical)
    {
        ArgumentNullException.ThrowIfNull(suite);
        ArgumentNullException.ThrowIfNull(columns);
        var getters = new Dictionary<string, Func<T, object?>>(columns, StringComparer.OrdinalIgnoreCase);
        return new RowGate<T>([.. suite.Rules.Where(r => r.Condition is not null && r.Settings.Severity >= severityMin).Select(r => Check(r, getters))]);
    }

    /// <summary>The rules asked.</summary>
    public IEnumerable<QualityRule> Rules => _checks.Select(c => c.Rule);

    /// <summary>Whether a record breaks no rule.</summary>
    /// <param name="record">The record.</param>
    public bool Passes(T record) => FirstFailure(record) is null;

    /// <summary>The first rule, in the suite's order, that a record breaks; null when it breaks none.</summary>
    /// <param name="record">The record.</param>
    public QualityRule? FirstFailure(T record)
    {
        foreach (var check in _checks)
        {
            if (!check.Holds(record))
            {
                return check.Rule;
            }
        }

        return null;
    }

    /// <summary>The rules that a record breaks, in the suite's order.</summary>
    /// <param name="record">The record.</param>
    /// <param name="failures">Where they go; what is in it is removed first, so that one list serves many records.</param>
    /// <returns>Whether there are none.</returns>
    public bool Passes(T record, ICollection<QualityRule> failures)
    {
        ArgumentNullException.ThrowIfNull(failures);
        failures.Clear();
        foreach (var check in _checks)
        {
            if (!check.Holds(record))
            {
                failures.Add(check.Rule);
            }
        }

        return failures.Count == 0;
    }

    private static RowCheck<T> Check(QualityRule rule, Dictionary<string, Func<T, object?>> getters)
    {
        if (rule.Settings.Filter is not null || rule.Condition!.Expressions.Count > 0)
        {
            throw new QualityException(ErrorKind.Invalid, $"The rule '{rule.Description}' holds SQL, which cannot be judged record by record; leave it to a table gate.");
        }

        Func<T, object?> Getter(string column) => getters.TryGetValue(column, out var value)
            ? value
            : throw new QualityException(ErrorKind.Invalid, $"The rule '{rule.Description}' needs the column '{column}'; given are {string.Join(", ", getters.Keys)}.");
        var first = Getter(rule.Columns[0]);
        if (rule.Condition is ColumnsCondition columns)
        {
            var second = Getter(columns.Other);
            return new RowCheck<T>(rule, record => Judge(rule, first(record), second(record), columns.Comparison));
        }

        var holds = ConditionTest.Of(rule.Condition);
        return new RowCheck<T>(rule, record => Judge(rule, first(record), holds));
    }

    /// <exception cref="QualityException">The value is of a type that the rule cannot judge.</exception>
    private static bool Judge(QualityRule rule, object? value, Func<object?, bool> holds)
    {
        try
        {
            return holds(value);
        }
        catch (Exception e) when (IsOfType(e))
        {
            throw Unfit(rule, value, e);
        }
    }

    /// <exception cref="QualityException">The values are of types that cannot be compared.</exception>
    private static bool Judge(QualityRule rule, object? first, object? second, Comparison comparison)
    {
        try
        {
            return ConditionTest.Holds(comparison, first, second);
        }
        catch (Exception e) when (IsOfType(e))
        {
            throw Unfit(rule, first, e);
        }
    }

    private static bool IsOfType(Exception e) => e is FormatException or InvalidCastException or OverflowException;

    private static QualityException Unfit(QualityRule rule, object? value, Exception e) => new(
        ErrorKind.Invalid, $"The rule '{rule.Description}' cannot judge a value of type {value?.GetType().Name}: {e.Message} Give the column's values in the type that the rule is about.", e);
}

/// <summary>A rule, and whether a record holds.</summary>
internal sealed record RowCheck<T>(QualityRule Rule, Func<T, bool> Holds);
