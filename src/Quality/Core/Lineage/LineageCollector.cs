using DataPlatform.Kernel;
using DataPlatform.Kernel.Feeds;

namespace DataPlatform.Quality.Lineage;

/// <summary>Turns what engines report into edges of a graph.</summary>
/// <remarks>Thread-safe. An event that comes twice, by run and time, changes nothing the second time.</remarks>
/// <param name="graph">The graph.</param>
/// <param name="extractor">Reads the SQL of events that carry some; null leaves such events at the level of datasets. Used by one call at a time.</param>
public sealed class LineageCollector(LineageGraph graph, ILineageExtractor? extractor = null)
{
    private readonly Lock _gate = new();

    /// <summary>Follows a feed until it is cancelled.</summary>
    /// <param name="feed">The feed.</param>
    /// <param name="cancellationToken">Ends it, with an <see cref="OperationCanceledException"/>.</param>
    public async Task FollowAsync(IDatasetFeed feed, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(feed);
        await foreach (var lineage in feed.FollowLineageAsync(cancellationToken).ConfigureAwait(false))
        {
            Accept(lineage);
        }
    }

    /// <summary>Takes one event.</summary>
    /// <param name="lineage">The event; those of failed runs say nothing about what was written and are left out.</param>
    /// <returns>Whether the graph took it.</returns>
    public bool Accept(LineageEvent lineage)
    {
        ArgumentNullException.ThrowIfNull(lineage);
        return lineage.Kind is LineageEventKind.Complete or LineageEventKind.Running
            && lineage.Outputs.Count > 0
            && graph.Observe(lineage.Job, EdgesOf(lineage), lineage.EventTime);
    }

    private IEnumerable<LineageEdge> EdgesOf(LineageEvent lineage)
    {
        if (lineage.Columns is { Count: > 0 } columns)
        {
            return columns.SelectMany(c => c.Inputs.Select(i => Edge(
                lineage, new ColumnId(i.Dataset.Name, i.Column), new ColumnId(c.Output.Name, c.Column), LineageEdgeKind.Direct, LineageOrigin.Runtime, 1)));
        }

        if (extractor is not null && lineage.Sql is { Length: > 0 } sql)
        {
            lock (_gate)
            {
                return [.. extractor.Extract(sql).SelectMany(s => EdgesOf(lineage, s))];
            }
        }

        return lineage.Inputs.SelectMany(i => lineage.Outputs.Select(o => Edge(
            lineage, new ColumnId(i.Dataset.Name, "*"), new ColumnId(o.Dataset.Name, "*"), LineageEdgeKind.Direct, LineageOrigin.Runtime, 1)));
    }

    private static IEnumerable<LineageEdge> EdgesOf(LineageEvent lineage, StatementLineage statement)
    {
        // A SELECT's result is what the run wrote, when it wrote one thing.
        var output = lineage.Outputs.Count == 1 ? lineage.Outputs[0].Dataset.Name : null;
        foreach (var column in statement.Columns)
        {
            var target = column.Target.Dataset == ColumnId.Result && output is not null ? column.Target with { Dataset = output } : column.Target;
            foreach (var source in column.Sources)
            {
                yield return Edge(lineage, source, target, LineageEdgeKind.Direct, LineageOrigin.Sql, statement.Confidence);
            }

            foreach (var source in statement.Indirect)
            {
                yield return Edge(lineage, source, target, LineageEdgeKind.Indirect, LineageOrigin.Sql, statement.Confidence);
            }
        }
    }

    private static LineageEdge Edge(LineageEvent lineage, ColumnId source, ColumnId target, LineageEdgeKind kind, LineageOrigin origin, double confidence)
        => new(source, target, kind, origin, lineage.Job, confidence);
}
