using System.Text.Json.Nodes;
using DataPlatform.Kernel;
using DataPlatform.Quality.Profiles;

namespace DataPlatform.Quality.Lineage.OpenLineage;

/// <summary>Writes run events of the OpenLineage 2-0-2 schema, for catalogs that read them.</summary>
/// <remarks>
/// Column lineage follows the 1-2-0 facet: value edges per field with what happens to the values, and the columns that choose rows in the data
/// set's own list with what they decide. Thread-safe.
/// </remarks>
/// <param name="datasetNamespace">The namespace of data sets and jobs, for example <c>dataplatform</c>.</param>
/// <param name="producer">The URI that names this producer.</param>
public sealed class OpenLineageEvents(string datasetNamespace, Uri producer)
{
    private const string SchemaUrl = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";
    private readonly FacetWriter _facets = new(datasetNamespace, producer);

    /// <summary>A statement that a job ran.</summary>
    /// <param name="job">The job.</param>
    /// <param name="runId">The run; any text, from which the UUID the schema wants is derived when it is none.</param>
    /// <param name="at">When the run ended.</param>
    /// <param name="statement">What it read and wrote.</param>
    /// <param name="context">What else is known of the job; nothing when null.</param>
    public JsonObject Complete(string job, string runId, DateTimeOffset at, StatementLineage statement, OpenLineageContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(statement);
        context ??= OpenLineageContext.None;
        var run = Run(job, runId, at, "COMPLETE", context, [.. statement.Inputs.Select(i => Dataset(i, null, context))], [.. WrittenBy(statement, context)]);
        FacetsOf(run["job"]!.AsObject())["sql"] = _facets.Sql(statement.Sql);
        return run;
    }

    /// <summary>What an engine reported.</summary>
    /// <param name="lineage">The report.</param>
    /// <param name="context">What else is known of the job; whether it streams is told by the report when null.</param>
    public JsonObject From(LineageEvent lineage, OpenLineageContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(lineage);
        context ??= new OpenLineageContext { IsStreaming = lineage.Kind == LineageEventKind.Running };
        var columns = (lineage.Columns ?? []).ToLookup(c => c.Output);
        var run = Run(
            lineage.Job, lineage.RunId, lineage.EventTime, lineage.Kind.ToString().ToUpperInvariant(), context,
            [.. lineage.Inputs.Select(i => Dataset(i.Dataset.Name, i.Version, context))],
            [.. lineage.Outputs.Select(o => Written(o, columns[o.Dataset], context))]);
        if (lineage.Sql is { } sql)
        {
            FacetsOf(run["job"]!.AsObject())["sql"] = _facets.Sql(sql);
        }

        return run;
    }

    /// <summary>A run of a quality suite, its verdicts as assertions on the data set it looked at.</summary>
    /// <param name="result">The run.</param>
    /// <param name="suite">Its suite, which knows the columns that rules are about; null leaves them out.</param>
    /// <param name="profile">A profile of the same version, told as metrics; null for none.</param>
    public JsonObject From(SuiteResult result, QualitySuite? suite = null, IReadOnlyList<ColumnProfile>? profile = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        var input = Dataset(result.Version?.Dataset.Name ?? result.Table, result.Version?.Version, OpenLineageContext.None);
        var inputFacets = new JsonObject { ["dataQualityAssertions"] = QualityFacets.Assertions(_facets, result, suite) };
        if (profile is not null)
        {
            inputFacets["dataQualityMetrics"] = QualityFacets.Metrics(_facets, profile);
        }

        input["inputFacets"] = inputFacets;
        return Run(
            $"quality/{result.Suite}", result.RunId, result.StartedAt + result.Duration, result.Passed ? "COMPLETE" : "FAIL",
            new OpenLineageContext { JobType = "CHECK" }, [input], []);
    }

    /// <summary>What a graph knows of its jobs now: one event for each statement and each data set that it writes.</summary>
    /// <param name="graph">The graph.</param>
    public IEnumerable<JsonObject> From(LineageGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var alive = graph.History().Where(r => r.RetiredAt is null);
        return alive.GroupBy(r => (r.Edge.Job, r.Edge.Statement, r.Edge.Target.Dataset))
            .OrderBy(g => g.Key.Job, StringComparer.Ordinal).ThenBy(g => g.Key.Dataset, StringComparer.Ordinal).ThenBy(g => g.Key.Statement, StringComparer.Ordinal)
            .Select(g => FromRecords(g.Key.Job, g.Key.Dataset, [.. g]));
    }

    private JsonObject FromRecords(string job, string output, IReadOnlyList<EdgeRecord> records)
    {
        var edges = records.Select(r => r.Edge).OrderBy(e => e.Target).ThenBy(e => e.Source).ToList();
        var columns = edges.GroupBy(e => e.Target)
            .Select(g => new ColumnLineage(g.Key, [.. g.Where(e => e.Kind == LineageEdgeKind.Direct).Select(e => e.Source)]));
        var uses = edges.Where(e => e.Kind == LineageEdgeKind.Indirect).Select(e => new IndirectUse(e.Source, LineageUse.Filter)).Distinct();
        var written = Dataset(output, null, OpenLineageContext.None);
        FacetsOf(written)["columnLineage"] = _facets.ColumnLineage(columns, uses);
        var inputs = edges.Select(e => e.Source.Dataset).Distinct().Order(StringComparer.Ordinal);
        var newest = records.MaxBy(r => r.LastSeen)!;
        return Run(
            job, newest.LastRun ?? $"{job}/{edges[0].Statement}", newest.LastSeen, "COMPLETE", OpenLineageContext.None,
            [.. inputs.Select(i => Dataset(i, null, OpenLineageContext.None))], [written]);
    }

    /// <summary>The data set that a statement writes; none where its rows only go to whoever asked.</summary>
    private IEnumerable<JsonObject> WrittenBy(StatementLineage statement, OpenLineageContext context)
    {
        if (statement.Output is { } output)
        {
            var written = Dataset(output, null, context);
            FacetsOf(written)["columnLineage"] = _facets.ColumnLineage(statement.Columns, UsesOf(statement));
            yield return written;
        }
    }

    private JsonObject Written(LineageDataset output, IEnumerable<LineageColumn> columns, OpenLineageContext context)
    {
        var written = Dataset(output.Dataset.Name, output.Version, context);
        if (columns.Any())
        {
            FacetsOf(written)["columnLineage"] = _facets.ColumnLineage(
                columns.Select(c => new ColumnLineage(
                    new ColumnId(c.Output.Name, c.Column), [.. c.Inputs.Select(i => new ColumnId(i.Dataset.Name, i.Column))])),
                []);
        }

        return written;
    }

    /// <summary>Without a reading of what they decide, columns that choose rows are told as filters.</summary>
    private static IEnumerable<IndirectUse> UsesOf(StatementLineage statement)
        => statement.Uses.Count > 0 ? statement.Uses : statement.Indirect.Select(c => new IndirectUse(c, LineageUse.Filter));

    private JsonObject Dataset(string name, long? version, OpenLineageContext context)
    {
        var dataset = new JsonObject { ["namespace"] = datasetNamespace, ["name"] = name };
        if (context.Schemas?.Invoke(name) is { } table)
        {
            FacetsOf(dataset)["schema"] = _facets.Schema(table);
        }

        if (version is { } number)
        {
            FacetsOf(dataset)["version"] = _facets.Version(number);
        }

        return dataset;
    }

    private static JsonObject FacetsOf(JsonObject owner)
    {
        if (owner["facets"] is not JsonObject facets)
        {
            owner["facets"] = facets = [];
        }

        return facets;
    }

    private JsonObject Run(string job, string runId, DateTimeOffset at, string type, OpenLineageContext context, JsonNode[] inputs, JsonNode[] outputs)
    {
        var run = new JsonObject { ["runId"] = RunIds.ToUuid(runId) };
        if (context.ParentJob is { } parent)
        {
            FacetsOf(run)["parent"] = _facets.Parent(parent, context.ParentRun ?? parent);
        }

        return new JsonObject
        {
            ["eventType"] = type,
            ["eventTime"] = at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture),
            ["producer"] = producer.ToString(),
            ["schemaURL"] = SchemaUrl,
            ["run"] = run,
            ["job"] = new JsonObject
            {
                ["namespace"] = datasetNamespace,
                ["name"] = job,
                ["facets"] = new JsonObject { ["jobType"] = _facets.JobType(context) },
            },
            ["inputs"] = new JsonArray(inputs),
            ["outputs"] = new JsonArray(outputs),
        };
    }
}
