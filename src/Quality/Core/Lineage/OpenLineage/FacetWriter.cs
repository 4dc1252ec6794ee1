using System.Text.Json.Nodes;

namespace DataPlatform.Quality.Lineage.OpenLineage;

/// <summary>Facets by the schemas of openlineage.io/spec/facets.</summary>
internal sealed class FacetWriter(string datasetNamespace, Uri producer)
{
    private const string Specification = "https://openlineage.io/spec/facets/";

    public JsonObject ColumnLineage(IEnumerable<ColumnLineage> columns, IEnumerable<IndirectUse> uses) => Facet("1-2-0/ColumnLineageDatasetFacet", new JsonObject
    {
        ["fields"] = new JsonObject(columns.Select(c => KeyValuePair.Create<string, JsonNode?>(
            c.Target.Column,
            new JsonObject { ["inputFields"] = new JsonArray([.. c.Sources.Select(s => InputField(s, [Direct(c.Flow)]))]) }))),
        ["dataset"] = new JsonArray([.. uses.GroupBy(u => u.Column).Select(g => InputField(g.Key, g.Select(u => Indirect(u.Use))))]),
    });

    public JsonObject Schema(TableDefinition table) => Facet("1-1-1/SchemaDatasetFacet", new JsonObject
    {
        ["fields"] = new JsonArray([.. table.Columns.Select(c => new JsonObject { ["name"] = c.Name, ["type"] = c.Type })]),
    });

    public JsonObject Version(long version) => Facet("1-0-1/DatasetVersionDatasetFacet", new JsonObject
    {
        ["datasetVersion"] = version.ToString(System.Globalization.CultureInfo.InvariantCulture),
    });

    public JsonObject Sql(string query) => Facet("1-1-0/SQLJobFacet", new JsonObject { ["query"] = query });

    public JsonObject JobType(OpenLineageContext context)
    {
        var content = new JsonObject { ["processingType"] = context.IsStreaming ? "STREAMING" : "BATCH", ["integration"] = "DATAPLATFORM" };
        if (context.JobType is { } type)
        {
            content["jobType"] = type;
        }

        return Facet("2-0-2/JobTypeJobFacet", content);
    }

    public JsonObject Parent(string job, string run) => Facet("1-1-0/ParentRunFacet", new JsonObject
    {
        ["run"] = new JsonObject { ["runId"] = RunIds.ToUuid(run) },
        ["job"] = new JsonObject { ["namespace"] = datasetNamespace, ["name"] = job },
    });

    /// <summary>A facet with who made it and by which schema.</summary>
    /// <param name="schema">Version and name of the schema, whose definition of the same name is pointed to.</param>
    /// <param name="content">The facet's own properties.</param>
    public JsonObject Facet(string schema, JsonObject content)
    {
        content.Insert(0, "_producer", producer.ToString());
        content.Insert(1, "_schemaURL", $"{Specification}{schema}.json#/$defs/{schema[(schema.IndexOf('/', StringComparison.Ordinal) + 1)..]}");
        return content;
    }

    private JsonObject InputField(ColumnId column, IEnumerable<JsonObject> transformations) => new()
    {
        ["namespace"] = datasetNamespace,
        ["name"] = column.Dataset,
        ["field"] = column.Column,
        ["transformations"] = new JsonArray([.. transformations]),
    };

    private static JsonObject Direct(LineageFlow flow) => Transformation(
        "DIRECT",
        flow.HasFlag(LineageFlow.Aggregation) ? "AGGREGATION" : flow == LineageFlow.Identity ? "IDENTITY" : "TRANSFORMATION",
        flow.HasFlag(LineageFlow.Masked));

    private static JsonObject Indirect(LineageUse use) => Transformation(
        "INDIRECT", use switch { LineageUse.Join => "JOIN", LineageUse.GroupBy => "GROUP_BY", LineageUse.Sort => "SORT", _ => "FILTER" }, masking: false);

    private static JsonObject Transformation(string type, string subtype, bool masking)
        => new() { ["type"] = type, ["subtype"] = subtype, ["description"] = string.Empty, ["masking"] = masking };
}
