namespace DataPlatform.Lakehouse.Expressions;

/// <summary>A SQL expression over the columns of one row, as constraints, generated columns and filters use them. Immutable.</summary>
internal abstract record Expression
{
    private Expression()
    {
    }

    /// <summary>A constant; null is SQL's NULL.</summary>
    public sealed record Literal(object? Value) : Expression
    {
        public override string ToString() => Value switch
        {
            null => "NULL",
            string text => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'",
            DateOnly date => $"DATE '{date:yyyy-MM-dd}'",
            Instant time => $"TIMESTAMP '{time}'",
            bool flag => flag ? "true" : "false",
            _ => Convert.ToString(Value, System.Globalization.CultureInfo.InvariantCulture)!,
        };
    }

    /// <summary>A column, or a field nested in one.</summary>
    public sealed record Column(string Name) : Expression
    {
        public override string ToString() => Name;
    }

    /// <summary>An operator or a function by its lower-case name.</summary>
    public sealed record Call(string Function, Expression[] Arguments) : Expression
    {
        public bool Equals(Call? other) => other is not null && Function == other.Function && Arguments.SequenceEqual(other.Arguments);

        public override int GetHashCode() => HashCode.Combine(Function, Arguments.Length);

        public override string ToString() => (Function, Arguments) switch
        {
            ("not", [var a]) => $"NOT ({a})",
            ("isnull", [var a]) => $"{a} IS NULL",
            ("and" or "or", [var a, var b]) => $"({a} {Function.ToUpperInvariant()} {b})",
            ("in", [var a, .. var rest]) => $"{a} IN ({string.Join<Expression>(", ", rest)})",
            (_, [var a, var b]) when !char.IsLetter(Function[0]) => $"{a} {Function} {b}",
            _ => $"{Function}({string.Join<Expression>(", ", Arguments)})",
        };
    }

    /// <summary>The columns that the expression reads.</summary>
    public IEnumerable<string> Columns() => this switch
    {
        Column column => [column.Name],
        Call call => call.Arguments.SelectMany(a => a.Columns()).Distinct(StringComparer.OrdinalIgnoreCase),
        _ => [],
    };

    /// <summary>The parts that must all be true.</summary>
    public IEnumerable<Expression> Conjuncts() => this is Call { Function: "and" } all ? all.Arguments.SelectMany(a => a.Conjuncts()) : [this];
}

/// <summary>A timestamp in microseconds since 1970, an instant or a local time.</summary>
internal readonly record struct Instant(long Micros) : IComparable<Instant>
{
    public int CompareTo(Instant other) => Micros.CompareTo(other.Micros);

    public override string ToString() => DateTime.UnixEpoch.AddTicks(Micros * TimeSpan.TicksPerMicrosecond)
        .ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", System.Globalization.CultureInfo.InvariantCulture);
}
