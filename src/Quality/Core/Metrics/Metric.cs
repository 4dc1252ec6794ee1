using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.Metrics;

/// <summary>One number (or time) that is measured over a relation. Rules share metrics; an engine computes each once.</summary>
/// <param name="Filter">A SQL condition on the rows looked at; null for all rows.</param>
public abstract record Metric(string? Filter)
{
    /// <summary>A text equal for equal metrics only.</summary>
    public string Key => Canonical.Join([GetType().Name, Filter, .. KeyParts]);

    /// <summary>SQL of the author's own in it.</summary>
    public virtual IEnumerable<string> Expressions => Filter is null ? [] : [Filter];

    /// <summary>The kind of query that computes it.</summary>
    internal abstract QueryShape Shape { get; }

    /// <summary>Metrics of one shape and one such text can share a query.</summary>
    internal virtual string QueryKey => string.Empty;

    private protected abstract IEnumerable<string?> KeyParts { get; }
}

/// <summary>Rows for which the filter is true. A whole number.</summary>
/// <param name="Filter">See <see cref="Metric"/>.</param>
public sealed record RowCountMetric(string? Filter) : Metric(Filter)
{
    internal override QueryShape Shape => QueryShape.Scan;

    private protected override IEnumerable<string?> KeyParts => [];
}

/// <summary>Rows that break a condition. A whole number.</summary>
/// <param name="Condition">The condition.</param>
/// <param name="Filter">See <see cref="Metric"/>.</param>
public sealed record ViolationMetric(RowCondition Condition, string? Filter) : Metric(Filter)
{
    /// <inheritdoc/>
    public override IEnumerable<string> Expressions => [.. base.Expressions, .. Condition.Expressions];

    internal override QueryShape Shape => QueryShape.Scan;

    private protected override IEnumerable<string?> KeyParts => [Condition.Key];
}

/// <summary>
/// Zero when the lowest and the highest value of a column show that no row breaks a range, else NULL: rows must then be counted. Ranges
/// over one column share both aggregates, where each count would look at every row again.
/// </summary>
/// <param name="Range">The range.</param>
/// <param name="Filter">See <see cref="Metric"/>.</param>
public sealed record RangeBoundsMetric(RangeCondition Range, string? Filter) : Metric(Filter)
{
    /// <summary>The metric that this one may spare.</summary>
    internal ViolationMetric Violations => new(Range, Filter);

    /// <summary>Whether the bounds are asked apart, of a catalog or of footers that tell them without a row being read.</summary>
    internal bool IsTold { get; init; }

    internal override QueryShape Shape => QueryShape.Scan;

    internal override string QueryKey => IsTold ? nameof(IsTold) : string.Empty;

    private protected override IEnumerable<string?> KeyParts => [Range.Key];
}

/// <summary>An aggregate of a column's values; NULL when there are none. NaN and infinities are left out.</summary>
/// <param name="Function">The aggregate.</param>
/// <param name="Column">The column.</param>
/// <param name="Filter">See <see cref="Metric"/>.</param>
public sealed record AggregateMetric(AggregateFunction Function, string Column, string? Filter) : Metric(Filter)
{
    internal override QueryShape Shape => QueryShape.Scan;

    private protected override IEnumerable<string?> KeyParts => [Function.ToString(), Column.ToUpperInvariant()];
}

/// <summary>The newest time in a column, in microseconds since 1970 (a zone-less time is taken as UTC); NULL when there is none.</summary>
/// <param name="Column">The column.</param>
/// <param name="Filter">See <see cref="Metric"/>.</param>
public sealed record NewestTimeMetric(string Column, string? Filter) : Metric(Filter)
{
    internal override QueryShape Shape => QueryShape.Scan;

    private protected override IEnumerable<string?> KeyParts => [Column.ToUpperInvariant()];
}

/// <summary>Surplus rows: in each group of rows with an equal key, all but one. A whole number.</summary>
/// <param name="Columns">The key's columns.</param>
/// <param name="NullsEqual">Whether NULL equals NULL; otherwise a row with a NULL in its key is never a duplicate.</param>
/// <param name="Filter">See <see cref="Metric"/>.</param>
public sealed record DuplicateMetric(IReadOnlyList<string> Columns, bool NullsEqual, string? Filter) : Metric(Filter)
{
    internal override QueryShape Shape => QueryShape.Grouping;

    internal override string QueryKey => Canonical.Join(KeyParts);

    private protected override IEnumerable<string?> KeyParts => [NullsEqual ? "=" : "<>", .. Columns.Select(c => c.ToUpperInvariant())];
}

/// <summary>Rows whose key is not among the keys of another relation. Rows with a NULL in the key do not count. A whole number.</summary>
/// <param name="Columns">The key's columns here.</param>
/// <param name="Reference">The other relation, as rules name it.</param>
/// <param name="ReferenceColumns">The key's columns there, in the same order.</param>
/// <param name="Filter">See <see cref="Metric"/>.</param>
public sealed record OrphanMetric(IReadOnlyList<string> Columns, string Reference, IReadOnlyList<string> ReferenceColumns, string? Filter) : Metric(Filter)
{
    internal override QueryShape Shape => QueryShape.Reference;

    internal override string QueryKey => Canonical.Join(KeyParts);

    private protected override IEnumerable<string?> KeyParts
        => [Reference, .. Columns.Select(c => c.ToUpperInvariant()), null, .. ReferenceColumns.Select(c => c.ToUpperInvariant())];
}

/// <summary>What a whole SELECT says: see <see cref="CustomSqlMode"/>.</summary>
/// <param name="Sql">One SELECT; <c>{table}</c> stands for the relation.</param>
/// <param name="Mode">How to read its result.</param>
public sealed record CustomSqlMetric(string Sql, CustomSqlMode Mode) : Metric((string?)null)
{
    internal override QueryShape Shape => QueryShape.Custom;

    internal override string QueryKey => Key;

    private protected override IEnumerable<string?> KeyParts => [Sql, Mode.ToString()];
}
