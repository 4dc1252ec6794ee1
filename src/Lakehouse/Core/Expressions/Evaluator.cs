using System.Globalization;
using System.Text.RegularExpressions;

namespace DataPlatform.Lakehouse.Expressions;

/// <summary>Evaluates expressions over one row. NULL behaves as in SQL.</summary>
/// <param name="column">The value of a column in the row at hand.</param>
/// <param name="now">The time that current_timestamp gives.</param>
internal sealed class Evaluator(Func<string, object?> column, DateTimeOffset now)
{
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "and", "or", "not", "isnull", "=", "<>", "<", "<=", ">", ">=", "<=>", "in", "like", "case", "cast", "+", "-", "*", "/", "%", "||",
        "year", "month", "day", "dayofmonth", "hour", "minute", "second", "date", "to_date", "date_trunc", "trunc", "upper", "lower", "length",
        "char_length", "substring", "substr", "abs", "coalesce", "concat", "trim", "current_timestamp", "now", "current_date", "if", "nvl", "ifnull",
        "date_format",
    };

    /// <summary>Refuses an expression with a function that this engine does not know, before any row is looked at.</summary>
    public static void Check(Expression expression, string what)
    {
        if (expression is Expression.Call call)
        {
            if (!Known.Contains(call.Function))
            {
                throw DeltaException.Invalid($"{what} uses the function '{call.Function}', which this engine cannot evaluate; the table cannot be written.");
            }

            foreach (var argument in call.Arguments)
            {
                Check(argument, what);
            }
        }
    }

    public object? Value(Expression expression) => expression switch
    {
        Expression.Literal literal => literal.Value,
        Expression.Column name => column(name.Name),
        Expression.Call call => Apply(call),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private object? Apply(Expression.Call call)
    {
        var a = call.Arguments;
        switch (call.Function)
        {
            case "and": return And(Truth(a[0]), () => Truth(a[1]));
            case "or": return Not(And(Not(Truth(a[0])), () => Not(Truth(a[1]))));
            case "not": return Not(Truth(a[0]));
            case "isnull": return Value(a[0]) is null;
            case "<=>": return (Value(a[0]), Value(a[1])) is var (l, r) && (l is null || r is null ? l is null && r is null : Values.Compare(l, r) == 0);
            case "in": return In(Value(a[0]), a.Skip(1));
            case "case": return Case(a);
            case "if": return Truth(a[0]) == true ? Value(a[1]) : Value(a[2]);
            case "coalesce" or "nvl" or "ifnull": return a.Select(Value).FirstOrDefault(v => v is not null);
            case "current_timestamp" or "now": return new Instant((now.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond);
            case "current_date": return DateOnly.FromDateTime(now.UtcDateTime);
            case "cast": return Casts.To(Value(a[0]), (string)((Expression.Literal)a[1]).Value!);
        }

        var values = a.Select(Value).ToArray();
        return values.Any(v => v is null) ? null : Strict(call.Function, values!);
    }

    /// <summary>Functions that are NULL where an argument is.</summary>
    private static object? Strict(string function, object[] v) => function switch
    {
        "=" or "<>" or "<" or "<=" or ">" or ">=" => Compared(function, v[0], v[1]),
        "+" or "-" or "*" or "/" or "%" => Arithmetic(function, v[0], v[1]),
        "||" or "concat" => string.Concat(v.Select(Casts.ToText)),
        "like" => Like(Casts.ToText(v[0]), Casts.ToText(v[1])),
        "upper" => Casts.ToText(v[0]).ToUpperInvariant(),
        "lower" => Casts.ToText(v[0]).ToLowerInvariant(),
        "trim" => Casts.ToText(v[0]).Trim(' '),
        "length" or "char_length" => (long)Casts.ToText(v[0]).EnumerateRunes().Count(),
        "substring" or "substr" => Substring(Casts.ToText(v[0]), (long)v[1], v.Length > 2 ? (long)v[2] : long.MaxValue),
        "abs" => v[0] switch { long n => Math.Abs(n), decimal n => Math.Abs(n), _ => Math.Abs(Values.ToDouble(v[0])) },
        "date" or "to_date" => Casts.To(v[0], "date"),
        "date_trunc" => Truncated(Casts.ToText(v[0]), v[1]),
        "trunc" => Truncated(Casts.ToText(v[1]), v[0]) is { } time ? Values.ToDate(time) : null,
        "date_format" => Formatted(v[0], Casts.ToText(v[1])),
        _ => Part(function, v[0]),
    };

    private static bool? Compared(string symbol, object left, object right) => Values.Compare(left, right) is { } order
        ? symbol switch { "=" => order == 0, "<>" => order != 0, "<" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 }
        : null;

    private static object? Arithmetic(string symbol, object left, object right)
    {
        if (left is long a && right is long b && symbol != "/")
        {
            return symbol switch { "+" => a + b, "-" => a - b, "*" => a * b, _ => b == 0 ? null : a % b };
        }

        if (left is double || right is double || symbol == "/")
        {
            var (x, y) = (Values.ToDouble(left), Values.ToDouble(right));
            return symbol switch { "+" => x + y, "-" => x - y, "*" => x * y, "/" => y == 0 ? null : x / y, _ => y == 0 ? null : x % y };
        }

        var (p, q) = (Convert.ToDecimal(left, CultureInfo.InvariantCulture), Convert.ToDecimal(right, CultureInfo.InvariantCulture));
        return symbol switch { "+" => p + q, "-" => p - q, "*" => p * q, _ => q == 0 ? null : p % q };
    }

    private static long Part(string function, object value)
    {
        var micros = value switch
        {
            Instant time => time.Micros,
            DateOnly date => Values.ToInstant(date).Micros,
            string text => Values.ToInstant(text).Micros,
            _ => throw new FormatException($"{function} needs a date"),
        };
        var moment = DateTime.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);
        return function switch
        {
            "year" => moment.Year,
            "month" => moment.Month,
            "day" or "dayofmonth" => moment.Day,
            "hour" => moment.Hour,
            "minute" => moment.Minute,
            "second" => moment.Second,
            _ => throw new FormatException($"the function '{function}' is not known"),
        };
    }

    private static Instant? Truncated(string unit, object value)
    {
        var time = (Instant)Casts.To(value, "timestamp")!;
        var moment = DateTime.UnixEpoch.AddTicks(time.Micros * TimeSpan.TicksPerMicrosecond);
        DateTime? cut = unit.ToLowerInvariant() switch
        {
            "year" or "yyyy" => new DateTime(moment.Year, 1, 1),
            "month" or "mon" or "mm" => new DateTime(moment.Year, moment.Month, 1),
            "day" or "dd" => moment.Date,
            "hour" => moment.Date.AddHours(moment.Hour),
            "minute" => moment.Date.AddMinutes((60 * moment.Hour) + moment.Minute),
            _ => null,
        };
        return cut is { } c ? new Instant((c.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond) : null;
    }

    private static string Formatted(object value, string pattern)
        => DateTime.UnixEpoch.AddTicks(((Instant)Casts.To(value, "timestamp")!).Micros * TimeSpan.TicksPerMicrosecond).ToString(pattern, CultureInfo.InvariantCulture);

    private static string Substring(string text, long start, long length)
    {
        var runes = text.EnumerateRunes().ToArray();
        var first = start > 0 ? start - 1 : start < 0 ? Math.Max(0, runes.Length + start) : 0;
        return string.Concat(runes.Skip((int)Math.Min(first, int.MaxValue)).Take((int)Math.Clamp(length, 0, int.MaxValue)));
    }

    private static bool Like(string text, string pattern)
        => Regex.IsMatch(
            text, "^" + Regex.Escape(pattern).Replace("%", ".*", StringComparison.Ordinal).Replace("_", ".", StringComparison.Ordinal) + "$",
            RegexOptions.Singleline | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    private object? Case(Expression[] parts)
    {
        for (var i = 0; i + 1 < parts.Length; i += 2)
        {
            if (Truth(parts[i]) == true)
            {
                return Value(parts[i + 1]);
            }
        }

        return Value(parts[^1]);
    }

    private bool? In(object? value, IEnumerable<Expression> items)
    {
        if (value is null)
        {
            return null;
        }

        var unknown = false;
        foreach (var item in items.Select(Value))
        {
            if (item is null)
            {
                unknown = true;
            }
            else if (Values.Compare(value, item) == 0)
            {
                return true;
            }
        }

        return unknown ? null : false;
    }

    private bool? Truth(Expression expression) => Value(expression) as bool?;

    private static bool? And(bool? left, Func<bool?> right)
        => left == false ? false : right() is var r && r == false ? false : left is null || r is null ? null : true;

    private static bool? Not(bool? value) => value is { } known ? !known : null;
}
