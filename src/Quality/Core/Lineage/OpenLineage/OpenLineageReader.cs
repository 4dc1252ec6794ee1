using System.Text.Json;
using DataPlatform.Kernel;

namespace DataPlatform.Quality.Lineage.OpenLineage;

/// <summary>Reads events of OpenLineage into a graph: those of runs, and of jobs that are described without a run.</summary>
/// <remarks>
/// Thread-safe. Events may come out of order and twice. Data sets and jobs of the own namespace keep their names; those of others are named
/// <c>namespace/name</c>, so that two namespaces may both have an <c>orders</c>.
/// </remarks>
/// <param name="graph">The graph.</param>
/// <param name="ownNamespace">The own namespace; null takes the names of all namespaces as they are.</param>
public sealed class OpenLineageReader(LineageGraph graph, string? ownNamespace = null)
{
    /// <summary>The longest name taken, in characters.</summary>
    public const int NameLengthMax = 4_096;

    /// <summary>The most edges taken from one event.</summary>
    public const int EdgesMax = 200_000;

    private static readonly string[] Types = ["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"];

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    /// <summary>Takes one event.</summary>
    /// <param name="json">The event.</param>
    /// <returns>Whether the graph took it; false for starts, failures and events older than what is known of the job.</returns>
    /// <exception cref="QualityException">The text is no run event.</exception>
    public bool Accept(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            using var document = JsonDocument.Parse(json, Options);
            return Accept(document.RootElement);
        }
        catch (JsonException e)
        {
            throw NoEvent(e.Message, e);
        }
    }

    /// <summary>Takes one event.</summary>
    /// <param name="run">The event.</param>
    /// <returns>Whether the graph took it; false for starts, failures, events about a data set alone, and what is older than what is known of the job.</returns>
    /// <exception cref="QualityException">The object is no event; the message says what is missing where.</exception>
    public bool Accept(JsonElement run)
    {
        var at = Time(run);
        if (IsOf(run, "DatasetEvent"))
        {
            // Of a data set alone it says no more than its name and columns.
            NameOf(Object(run, "dataset", "the event"), "dataset");
            return false;
        }

        var job = NameOf(Object(run, "job", "the event"), "job");

        // A job may be described without a run of it: by code that was read, not run.
        var isDescription = IsOf(run, "JobEvent");
        var runId = isDescription ? null : Text(Object(run, "run", "the event"), "runId", "run");
        var type = isDescription ? "COMPLETE" : TypeOf(run);
        var outputs = List(run, "outputs");
        if (type is not ("COMPLETE" or "RUNNING") || outputs.Count == 0)
        {
            return false;
        }

        var inputs = List(run, "inputs").Select(i => NameOf(i, "inputs")).ToList();
        List<LineageEdge> edges = [.. outputs.SelectMany(o => EdgesOf(job, o, inputs)).Take(EdgesMax + 1)];
        return edges.Count > EdgesMax
            ? throw NoEvent($"it has more than {EdgesMax} edges")
            : graph.Observe(new LineageObservation(job, edges, at, StatementOf(run, outputs), runId));
    }

    private string StatementOf(JsonElement run, List<JsonElement> outputs)
        => LineageObservation.HashOf(
            run.GetProperty("job") is var job && job.TryGetProperty("facets", out var facets) && facets.ValueKind == JsonValueKind.Object
                && facets.TryGetProperty("sql", out var sql) && sql.ValueKind == JsonValueKind.Object
                && sql.TryGetProperty("query", out var query) && query.ValueKind == JsonValueKind.String
                    ? query.GetString()!
                    : string.Join('\n', outputs.Select(o => NameOf(o, "outputs")).Order(StringComparer.Ordinal)));

    private IEnumerable<LineageEdge> EdgesOf(string job, JsonElement output, List<string> inputs)
    {
        var target = NameOf(output, "outputs");
        var facet = ColumnLineageOf(output);
        var fields = facet is { } given ? Object(given, "fields", "columnLineage").EnumerateObject().ToList() : [];

        // A producer that knows no column still knows the data sets.
        var direct = fields.Count == 0
            ? inputs.Select(i => Edge(new ColumnId(i, ColumnId.Star), ColumnId.Star, LineageEdgeKind.Direct))
            : fields.SelectMany(f => List(f.Value, "inputFields").Select(s => Edge(SourceOf(s), f.Name, KindOf(s))));
        var chosen = facet is { } lineage ? List(lineage, "dataset").ConvertAll(SourceOf) : [];
        return direct.Concat(fields.Select(f => f.Name).DefaultIfEmpty(ColumnId.Star).SelectMany(f => chosen.Select(s => Edge(s, f, LineageEdgeKind.Indirect))));

        LineageEdge Edge(ColumnId source, string field, LineageEdgeKind kind) => new(source, new ColumnId(target, Checked(field)), kind, LineageOrigin.OpenLineage, job);
    }

    /// <summary>The facet; null where there is none, or one that says that it was taken back.</summary>
    private static JsonElement? ColumnLineageOf(JsonElement output)
        => output.TryGetProperty("facets", out var facets) && facets.ValueKind == JsonValueKind.Object
            && facets.TryGetProperty("columnLineage", out var lineage) && lineage.ValueKind != JsonValueKind.Null
            && !(lineage.ValueKind == JsonValueKind.Object && lineage.TryGetProperty("_deleted", out var deleted) && deleted.ValueKind == JsonValueKind.True)
                ? lineage
                : null;

    /// <summary>Events name what they are by the last part of their schema's URL; what names nothing is about a run.</summary>
    private static bool IsOf(JsonElement run, string definition)
        => run.TryGetProperty("schemaURL", out var schema) && schema.ValueKind == JsonValueKind.String
            && schema.GetString()!.EndsWith($"/{definition}", StringComparison.Ordinal);

    private static string TypeOf(JsonElement run)
    {
        if (!run.TryGetProperty("eventType", out var type) || type.ValueKind == JsonValueKind.Null)
        {
            return "OTHER";
        }

        return Types.FirstOrDefault(t => type.ValueKind == JsonValueKind.String && t.Equals(type.GetString(), StringComparison.OrdinalIgnoreCase))
            ?? throw NoEvent($"'eventType' is {Checked(type.GetRawText())}, and none of {string.Join(", ", Types)}");
    }

    private ColumnId SourceOf(JsonElement source) => new(NameOf(source, "inputFields"), Checked(Text(source, "field", "inputFields")));

    /// <summary>Producers before facet 1-1-0 say no type; those edges are values.</summary>
    private static LineageEdgeKind KindOf(JsonElement source)
    {
        var types = List(source, "transformations").Select(t => t.TryGetProperty("type", out var type) ? type.ToString() : string.Empty).ToList();
        return types.Count > 0 && types.All(t => t == "INDIRECT") ? LineageEdgeKind.Indirect : LineageEdgeKind.Direct;
    }

    private string NameOf(JsonElement named, string where)
    {
        var name = Checked(Text(named, "name", where));
        var space = named.TryGetProperty("namespace", out var given) && given.ValueKind == JsonValueKind.String ? given.GetString() : null;
        return ownNamespace is null || space is null || space == ownNamespace ? name : Checked($"{space.TrimEnd('/')}/{name}");
    }

    private static DateTimeOffset Time(JsonElement run)
        => run.ValueKind == JsonValueKind.Object && run.TryGetProperty("eventTime", out var at) && at.ValueKind == JsonValueKind.String && at.TryGetDateTimeOffset(out var time)
            ? time
            : throw NoEvent("'eventTime' is not there or no time of ISO 8601");

    private static JsonElement Object(JsonElement owner, string name, string where)
        => owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object
            ? value
            : throw NoEvent($"'{name}' of {where} is not there or no object");

    private static string Text(JsonElement owner, string name, string where)
        => owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            && value.GetString() is { Length: > 0 } text
                ? text
                : throw NoEvent($"'{name}' of {where} is not there or no text");

    private static List<JsonElement> List(JsonElement owner, string name)
    {
        if (owner.ValueKind != JsonValueKind.Object || !owner.TryGetProperty(name, out var list) || list.ValueKind == JsonValueKind.Null)
        {
            return [];
        }

        return list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(e => e.ValueKind == JsonValueKind.Object)
            ? [.. list.EnumerateArray()]
            : throw NoEvent($"'{name}' is no list of objects");
    }

    private static string Checked(string name)
        => name.Length <= NameLengthMax ? name : throw NoEvent($"a name has {name.Length} characters, more than {NameLengthMax}");

    private static QualityException NoEvent(string why, Exception? cause = null)
        => new(ErrorKind.Invalid, $"This is no OpenLineage event: {why}.", cause);
}
