using System.Text.Json.Nodes;
using DataPlatform.Kernel;

namespace DataPlatform.Quality.Lineage.OpenLineage;

/// <summary>Writes run events of the OpenLineage 2-0-2 schema, for catalogs that read them.</summary>
/// <remarks>Column lineage follows the 1-2-0 facet: value edges per field, and the columns that choose rows in the data set's own list.</remarks>
/// <param name="datasetNamespace">The namespace of data sets and jobs, for example <c>dataplatform</c>.</param>
/// <param name="producer">The URI that names this producer.</param>
public sealed class OpenLineageEvents(string datasetNamespace, Uri producer)
{
    private const string SchemaUrl = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";
    private const string ColumnLineageUrl = "https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json";
    private const string SqlUrl = "https://openlineage.io/spec/facets/1-1-0/SQLJobFacet.json";
    private const string AssertionsUrl = "https://openlineage.io/spec/facets/1-0-1/DataQualityAssertionsDatasetFacet.json";
    private const string VersionUrl = "https://openlineage.io/spec/facets/1-0-1/DatasetVersionDatasetFacet.json";

    /// <summary>A statement that a job ran.</summary>
    /// <param name="job">The job.</param>
    /// <param name="runId">The run; any text, from which the UUID the schema wants is derived when it is none.</param>
    /// <param name="at">When the run ended.</param>
    /// <param name="statement">What it read and wrote.</param>
    public JsonObject Complete(string job, string runId, DateTimeOffset at, StatementLineage statement)
    {
        ArgumentNullException.ThrowIfNull(statement);
        var output = statement.Output ?? ColumnId.Result;
        var written = Dataset(output, null);
        written["facets"] = new JsonObject { ["columnLineage"] = ColumnLineage(statement) };
        var run = Run(job, runId, at, "COMPLETE", [.. statement.Inputs.Select(i => Dataset(i, null))], [written]);
        run["job"]!["facets"] = new JsonObject { ["sql"] = Facet(SqlUrl, new JsonObject { ["query"] = statement.Sql }) };
        return run;
    }

    /// <summary>What an engine reported.</summary>
    /// <param name="lineage">The report.</param>
    public JsonObject From(LineageEvent lineage)
    {
        ArgumentNullException.ThrowIfNull(lineage);
        var type = lineage.Kind.ToString().ToUpperInvariant();
        return Run(
            lineage.Job, lineage.RunId, lineage.EventTime, type,
            [.. lineage.Inputs.Select(i => Dataset(i.Dataset.Name, i.Version))], [.. lineage.Outputs.Select(o => Dataset(o.Dataset.Name, o.Version))]);
    }

    /// <summary>A run of a quality suite, its verdicts as assertions on the data set it looked at.</summary>
    /// <param name="result">The run.</param>
    public JsonObject From(SuiteResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var input = Dataset(result.Version?.Dataset.Name ?? result.Table, result.Version?.Version);
        input["inputFacets"] = new JsonObject
        {
            ["dataQualityAssertions"] = Facet(AssertionsUrl, new JsonObject { ["assertions"] = new JsonArray([.. result.Verdicts.Select(Assertion)]) }),
        };
        return Run($"quality/{result.Suite}", result.RunId, result.StartedAt + result.Duration, result.Passed ? "COMPLETE" : "FAIL", [input], []);
    }

    private static JsonObject Assertion(Verdict verdict) => new()
    {
        ["assertion"] = verdict.Rule,
        ["success"] = verdict.Outcome is Outcome.Pass or Outcome.NoData,
        ["severity"] = verdict.Severity == Severity.Critical ? "error" : "warn",
    };

    private JsonObject ColumnLineage(StatementLineage statement) => Facet(ColumnLineageUrl, new JsonObject
    {
        ["fields"] = new JsonObject(statement.Columns.Select(c => KeyValuePair.Create<string, JsonNode?>(
            c.Target.Column, new JsonObject { ["inputFields"] = InputFields(c.Sources, "DIRECT", "TRANSFORMATION") }))),
        ["dataset"] = InputFields(statement.Indirect, "INDIRECT", "FILTER"),
    });

    private JsonArray InputFields(IEnumerable<ColumnId> columns, string type, string subtype) => new([.. columns.Select(c => new JsonObject
    {
        ["namespace"] = datasetNamespace,
        ["name"] = c.Dataset,
        ["field"] = c.Column,
        ["transformations"] = new JsonArray(new JsonObject { ["type"] = type, ["subtype"] = subtype, ["description"] = string.Empty, ["masking"] = false }),
    })]);

    private JsonObject Dataset(string name, long? version)
    {
        var dataset = new JsonObject { ["namespace"] = datasetNamespace, ["name"] = name };
        if (version is { } number)
        {
            dataset["facets"] = new JsonObject
            {
                ["version"] = Facet(VersionUrl, new JsonObject { ["datasetVersion"] = number.ToString(System.Globalization.CultureInfo.InvariantCulture) }),
            };
        }

        return dataset;
    }

    private JsonObject Facet(string schemaUrl, JsonObject content)
    {
        content.Insert(0, "_producer", producer.ToString());
        content.Insert(1, "_schemaURL", schemaUrl);
        return content;
    }

    private JsonObject Run(string job, string runId, DateTimeOffset at, string type, JsonNode[] inputs, JsonNode[] outputs) => new()
    {
        ["eventType"] = type,
        ["eventTime"] = at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture),
        ["producer"] = producer.ToString(),
        ["schemaURL"] = SchemaUrl,
        ["run"] = new JsonObject { ["runId"] = RunIds.ToUuid(runId) },
        ["job"] = new JsonObject { ["namespace"] = datasetNamespace, ["name"] = job },
        ["inputs"] = new JsonArray(inputs),
        ["outputs"] = new JsonArray(outputs),
    };
}
