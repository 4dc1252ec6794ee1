using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Rules.Documents;

/// <summary>A kind of rule in documents: its properties, and how the builder takes them. Reading and the JSON schema come from this one table.</summary>
internal sealed partial record RuleKind(string Name, IReadOnlyList<RuleProperty> Properties, Action<QualitySuiteBuilder, RuleFields, RuleSettings> Add)
{
    private static readonly RuleProperty Column = new("column", "text", true);
    private static readonly RuleProperty Minimum = new("min", "value");
    private static readonly RuleProperty Maximum = new("max", "value");

    public static IReadOnlyList<RuleKind> All { get; } =
    [
        new("schema", [new("columns", "columns", true), new("match", "text", Values: [.. DocumentNames.All<SchemaMatch>()])],
            (b, f, s) => b.Schema(f.Columns("columns"), f.Enum<SchemaMatch>("match", SchemaMatch.Contains), s)),
        new("not-null", [Column], (b, f, s) => b.NotNull(f.Text("column"), s)),
        new("range", [Column, Minimum, Maximum], (b, f, s) => b.InRange(f.Text("column"), f.Value("min"), f.Value("max"), s)),
        new("set", [Column, new("values", "values", true)], (b, f, s) => b.InSet(f.Text("column"), f.Values("values"), s)),
        new("not-in-set", [Column, new("values", "values", true)], (b, f, s) => b.NotInSet(f.Text("column"), f.Values("values"), s)),
        new("pattern", [Column, new("pattern", "text", true)], (b, f, s) => b.Matches(f.Text("column"), f.Text("pattern"), s)),
        new("not-pattern", [Column, new("pattern", "text", true)], (b, f, s) => b.Rows(new PatternCondition(f.Text("column"), f.Text("pattern"), Forbidden: true), s)),
        new("length", [Column, new("min", "integer"), new("max", "integer")], (b, f, s) => b.LengthBetween(f.Text("column"), f.Int("min"), f.Int("max"), s)),
        new("castable", [Column, new("type", "text", true, [.. DocumentNames.All<ColumnFamily>().Where(n => n is not ("other" or "text"))])],
            (b, f, s) => b.CastableTo(f.Text("column"), f.Enum<ColumnFamily>("type"), s)),
        new("row-sql", [new("expression", "text", true)], (b, f, s) => b.RowSql(f.Text("expression"), s)),
        new("unique", [new("columns", "key", true), new("nullsEqual", "flag")], (b, f, s) => b.Unique(f.Texts("columns"), s, f.Flag("nullsEqual"))),
        new("reference", [new("columns", "key", true), new("reference", "text", true), new("referenceColumns", "key", true)],
            (b, f, s) => b.References(f.Texts("columns"), f.Text("reference"), f.Texts("referenceColumns"), s)),
        new("row-count", [new("min", "integer"), new("max", "integer")], (b, f, s) => b.RowCountBetween(f.Long("min"), f.Long("max"), s)),
        new("freshness", [Column, new("within", "duration", true)], (b, f, s) => b.FreshWithin(f.Text("column"), f.Duration("within"), s)),
        new("aggregate", [Column, new("function", "text", true, [.. DocumentNames.All<AggregateFunction>()]), new("min", "number"), new("max", "number")],
            (b, f, s) => b.AggregateBetween(f.Enum<AggregateFunction>("function"), f.Text("column"), f.Decimal("min"), f.Decimal("max"), s)),
        .. Comparing,
        new("custom-sql", [new("title", "text", true), new("sql", "text", true), new("mode", "text", Values: [.. DocumentNames.All<CustomSqlMode>()])],
            (b, f, s) => b.CustomSql(f.Text("title"), f.Text("sql"), f.Enum<CustomSqlMode>("mode", CustomSqlMode.Count), s)),
    ];

    /// <summary>What every rule may have.</summary>
    public static IReadOnlyList<RuleProperty> Shared { get; } =
    [
        new("severity", "text", Values: [.. DocumentNames.All<Severity>()]), new("filter", "text"), new("threshold", "threshold"),
        new("owner", "text"), new("tags", "texts"), new("name", "text"),
    ];
}

/// <summary>A property of a rule in documents.</summary>
internal sealed record RuleProperty(string Name, string Type, bool IsRequired = false, IReadOnlyList<string>? Values = null);
