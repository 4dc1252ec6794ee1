using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Rules;

/// <summary>A SELECT of the author's own.</summary>
internal sealed class CustomSqlRule(string name, string sql, CustomSqlMode mode, RuleSettings settings) : QualityRule(settings)
{
    private readonly CustomSqlMetric _metric = new(sql, mode);
    private readonly RowCountMetric _rows = new((string?)null);

    public override string Kind => "custom-sql";

    // A share needs something to be a share of: the table's rows.
    public override IReadOnlyList<Metric> Metrics => Settings.Threshold.IsPercent ? [_metric, _rows] : [_metric];

    internal override Metric? SampleMetric => mode == CustomSqlMode.Rows ? _metric : null;

    internal override string UnsoundSince => "nobody knows what the SQL does with fewer rows";

    internal override string Demand => name;

    internal override string Parameters => Canonical.Join(name, sql, mode.ToString());

    internal override Judgement Judge(MetricValues values, RuleContext context)
    {
        if (values.Value(_metric) is not { } value)
        {
            return new Judgement(Outcome.NoData, "The SELECT gave NULL or no row.");
        }

        if (mode == CustomSqlMode.Boolean)
        {
            var holds = value is true;
            return new Judgement(holds ? Outcome.Pass : Outcome.Fail, holds ? "The SELECT says true." : "The SELECT says false.", values.Text(_metric));
        }

        var violations = values.Count(_metric);
        var borne = Settings.Threshold.Allows(violations, Settings.Threshold.IsPercent ? values.Count(_rows) : 0);
        return new Judgement(
            borne ? Outcome.Pass : Outcome.Fail, $"The SELECT counts {Judgement.Text(violations)} violations.", Judgement.Text(violations), violations);
    }
}
