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
            return columns.SelectMany(c => c.Inputs.Select(i => new LineageEdge(
                new ColumnId(i.Dataset.Name, i.Column), new ColumnId(c.Output.Name, c.Column), LineageEdgeKind.Direct, LineageOrigin.Runtime, lineage.Job)));
        }

        if (extractor is not null && lineage.Sql is { Length: > 0 } sql)
        {
            // A SELECT's result is what the run wrote, when it wrote one thing.
            var output = lineage.Outputs.Count == 1 ? lineage.Outputs[0].Dataset.Name : null;
            lock (_gate)
            {
                return [.. extractor.Extract(sql).SelectMany(s => s.Edges(lineage.Job, output))];
            }
        }

        return lineage.Inputs.SelectMany(i => lineage.Outputs.Select(o => new LineageEdge(
            new ColumnId(i.Dataset.Name, "*"), new ColumnId(o.Dataset.Name, "*"), LineageEdgeKind.Direct, LineageOrigin.Runtime, lineage.Job)));
    }
}
