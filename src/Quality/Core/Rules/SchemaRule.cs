using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Rules;

/// <summary>The table has the expected columns. Answered from the catalog: it costs no query over data.</summary>
internal sealed class SchemaRule(IReadOnlyList<ExpectedColumn> expected, SchemaMatch match, RuleSettings settings) : QualityRule(settings)
{
    public override string Kind => "schema";

    public override IReadOnlyList<string> Columns => [.. expected.Select(e => e.Name)];

    public override IReadOnlyList<Metric> Metrics => [];

    // A missing column is this rule's finding, not a reason to be unable to look.
    internal override IReadOnlyList<string> RequiredColumns => [];

    internal override SampleUse OnSample => SampleUse.Needless;

    internal override string Demand => expected is [var only] && match == SchemaMatch.Contains
        ? $"column {only.Name} exists{(only.Type is null ? "" : $" as {only.Type}")}"
        : $"the columns are {string.Join(", ", expected.Select(e => e.Name))}{(match == SchemaMatch.Contains ? " at least" : "")}";

    internal override string Parameters
        => Canonical.Join([match.ToString(), .. expected.SelectMany(e => new[] { e.Name.ToUpperInvariant(), e.Type is null ? null : SqlTypes.Normalize(e.Type) })]);

    internal override Judgement Judge(MetricValues values, RuleContext context)
    {
        var findings = Findings(context.Shape).ToList();
        return findings.Count == 0
            ? new Judgement(Outcome.Pass, $"The {expected.Count} expected columns are there.", Violations: 0)
            : new Judgement(Outcome.Fail, string.Join("; ", findings) + ".", Judgement.Text(findings.Count), findings.Count);
    }

    private IEnumerable<string> Findings(TableShape shape)
    {
        foreach (var column in expected)
        {
            if (shape.Find(column.Name) is not { } found)
            {
                yield return $"column '{column.Name}' is missing (there are {string.Join(", ", shape.Columns.Select(c => c.Name))})";
            }
            else if (column.Type is not null && SqlTypes.Normalize(column.Type) != SqlTypes.Normalize(found.Type))
            {
                yield return $"column '{found.Name}' is {found.Type}, not {column.Type}";
            }
        }

        var names = expected.Select(e => e.Name).ToList();
        var extra = shape.Columns.Where(c => !names.Contains(c.Name, StringComparer.OrdinalIgnoreCase)).ToList();
        if (match != SchemaMatch.Contains && extra.Count > 0)
        {
            yield return $"unexpected columns {string.Join(", ", extra.Select(c => $"'{c.Name}'"))}";
        }

        var known = shape.Columns.Select(c => c.Name).Where(n => names.Contains(n, StringComparer.OrdinalIgnoreCase));
        if (match == SchemaMatch.Exact && !known.SequenceEqual(names.Where(n => shape.Find(n) is not null), StringComparer.OrdinalIgnoreCase))
        {
            yield return $"the order is {string.Join(", ", shape.Columns.Select(c => c.Name))}";
        }
    }
}
