using System.Text.Json;
using DataPlatform.Kernel;

namespace DataPlatform.Quality.Lineage.OpenLineage;

/// <summary>Reads run events of OpenLineage into a graph.</summary>
/// <remarks>Thread-safe. Events may come out of order and twice.</remarks>
/// <param name="graph">The graph.</param>
public sealed class OpenLineageReader(LineageGraph graph)
{
    /// <summary>Takes one event.</summary>
    /// <param name="json">The event.</param>
    /// <returns>Whether the graph took it; false for starts, failures and events older than what is known of the job.</returns>
    /// <exception cref="QualityException">The text is no run event.</exception>
    public bool Accept(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            using var document = JsonDocument.Parse(json);
            return Accept(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new QualityException(ErrorKind.Invalid, $"This is no OpenLineage run event: {e.Message}", e);
        }
    }

    private bool Accept(JsonElement run)
    {
        var at = run.GetProperty("eventTime").GetDateTimeOffset();
        var job = run.GetProperty("job").GetProperty("name").GetString()!;
        var type = run.TryGetProperty("eventType", out var eventType) ? eventType.GetString() : "OTHER";
        if (type is not ("COMPLETE" or "RUNNING") || !run.TryGetProperty("outputs", out var outputs) || outputs.GetArrayLength() == 0)
        {
            return false;
        }

        var inputs = run.TryGetProperty("inputs", out var read) ? read.EnumerateArray().Select(NameOf).ToList() : [];
        return graph.Observe(job, outputs.EnumerateArray().SelectMany(o => EdgesOf(job, o, inputs)), at);
    }

    private static IEnumerable<LineageEdge> EdgesOf(string job, JsonElement output, List<string> inputs)
    {
        var target = NameOf(output);
        if (!output.TryGetProperty("facets", out var facets) || !facets.TryGetProperty("columnLineage", out var lineage))
        {
            return inputs.Select(i => new LineageEdge(new ColumnId(i, "*"), new ColumnId(target, "*"), LineageEdgeKind.Direct, LineageOrigin.OpenLineage, job));
        }

        var fields = lineage.GetProperty("fields").EnumerateObject().ToList();
        var direct = fields.SelectMany(f => Sources(f.Value, "inputFields").Select(s => Edge(s.Column, f.Name, s.Kind)));
        var indirect = fields.SelectMany(f => Sources(lineage, "dataset").Select(s => Edge(s.Column, f.Name, LineageEdgeKind.Indirect)));
        return direct.Concat(indirect);

        LineageEdge Edge(ColumnId source, string field, LineageEdgeKind kind) => new(source, new ColumnId(target, field), kind, LineageOrigin.OpenLineage, job);
    }

    private static IEnumerable<(ColumnId Column, LineageEdgeKind Kind)> Sources(JsonElement holder, string list)
        => holder.TryGetProperty(list, out var sources)
            ? sources.EnumerateArray().Select(s => (new ColumnId(NameOf(s), s.GetProperty("field").GetString()!), KindOf(s)))
            : [];

    /// <summary>Producers before facet 1-1-0 say no type; those edges are values.</summary>
    private static LineageEdgeKind KindOf(JsonElement source)
        => source.TryGetProperty("transformations", out var list) && list.GetArrayLength() > 0
            && list.EnumerateArray().All(t => t.TryGetProperty("type", out var type) && type.GetString() == "INDIRECT")
                ? LineageEdgeKind.Indirect
                : LineageEdgeKind.Direct;

    private static string NameOf(JsonElement dataset) => dataset.GetProperty("name").GetString()!;
}
