using System.Globalization;
using System.Text.Json.Nodes;
using DataPlatform.Quality.Profiles;

namespace DataPlatform.Quality.Lineage.OpenLineage;

/// <summary>Verdicts and profiles as facets of a data set that was looked at.</summary>
internal static class QualityFacets
{
    public static JsonObject Assertions(FacetWriter facets, SuiteResult result, QualitySuite? suite)
    {
        var columns = suite?.Rules.Where(r => r.Columns.Count == 1).DistinctBy(r => r.Id).ToDictionary(r => r.Id, r => r.Columns[0], StringComparer.Ordinal) ?? [];

        // What could not be measured is neither a success nor a failure of the data: it is no assertion.
        var judged = result.Verdicts.Where(v => v.Outcome != Outcome.Error);
        return facets.Facet("1-1-0/DataQualityAssertionsDatasetFacet", new JsonObject
        {
            ["assertions"] = new JsonArray([.. judged.Select(v => Assertion(v, columns.GetValueOrDefault(v.RuleId)))]),
        });
    }

    public static JsonObject Metrics(FacetWriter facets, IReadOnlyList<ColumnProfile> profile) => facets.Facet("1-0-2/DataQualityMetricsInputDatasetFacet", new JsonObject
    {
        ["rowCount"] = profile.Count == 0 ? 0 : profile.Max(c => c.Rows),
        ["columnMetrics"] = new JsonObject(profile.DistinctBy(c => c.Name).Select(c => KeyValuePair.Create<string, JsonNode?>(c.Name, Metrics(c)))),
    });

    private static JsonObject Assertion(Verdict verdict, string? column)
    {
        var assertion = new JsonObject
        {
            ["assertion"] = verdict.Kind,
            ["name"] = verdict.RuleId,
            ["description"] = verdict.Rule,
            ["success"] = verdict.Outcome is Outcome.Pass or Outcome.NoData,
            ["severity"] = verdict.Severity == Severity.Critical ? "error" : "warn",
        };
        if (column is not null)
        {
            assertion["column"] = column;
        }

        if (verdict.Observed is { } observed)
        {
            assertion["actual"] = observed;
        }

        return assertion;
    }

    private static JsonObject Metrics(ColumnProfile column)
    {
        var metrics = new JsonObject { ["nullCount"] = column.Nulls, ["distinctCount"] = (long)column.Distinct, ["count"] = column.Rows - column.Nulls };
        Add("min", column.Minimum);
        Add("max", column.Maximum);
        if (column.Percentiles.Count > 0)
        {
            metrics["quantiles"] = new JsonObject(column.Percentiles.Where(p => double.IsFinite(p.Value)).OrderBy(p => p.Key).Select(
                p => KeyValuePair.Create<string, JsonNode?>((p.Key / 100.0).ToString(CultureInfo.InvariantCulture), p.Value)));
        }

        return metrics;

        void Add(string name, double? value)
        {
            if (value is { } number && double.IsFinite(number))
            {
                metrics[name] = number;
            }
        }
    }
}
