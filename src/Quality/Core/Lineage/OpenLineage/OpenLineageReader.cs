using System.Text.Json;
using DataPlatform.Kernel;

namespace DataPlatform.Quality.Lineage.OpenLineage;

/// <summary>Reads run events of OpenLineage into a graph.</summary>
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
    /// <returns>Whether the graph took it; false for starts, failures and events older than what is known of the job.</returns>
    /// <exception cref="QualityException">The object is no run event; the message says what is missing where.</exception>
    public bool Accept(JsonElement run)
    {
        var at = Time(run);
        var job = NameOf(Object(run, "job", "the event"), "job");
        var runId = Text(Object(run, "run", "the event"), "runId", "run");
        var type = run.TryGetProperty("eventType", out var eventType) ? eventType.ToString() : "OTHER";
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
        if (!output.TryGetProperty("facets", out var facets) || facets.ValueKind != JsonValueKind.Object
            || !facets.TryGetProperty("columnLineage", out var lineage))
        {
            return inputs.Select(i => Edge(new ColumnId(i, ColumnId.Star), ColumnId.Star, LineageEdgeKind.Direct));
        }

        var fields = Object(lineage, "fields", "columnLineage").EnumerateObject().ToList();
        var direct = fields.SelectMany(f => List(f.Value, "inputFields").Select(s => Edge(SourceOf(s), f.Name, KindOf(s))));
        var indirect = fields.SelectMany(f => List(lineage, "dataset").Select(s => Edge(SourceOf(s), f.Name, LineageEdgeKind.Indirect)));
        return direct.Concat(indirect);

        LineageEdge Edge(ColumnId source, string field, LineageEdgeKind kind) => new(source, new ColumnId(target, Checked(field)), kind, LineageOrigin.OpenLineage, job);
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
        => new(ErrorKind.Invalid, $"This is no OpenLineage run event: {why}.", cause);
}
