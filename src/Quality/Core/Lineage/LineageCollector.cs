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
    /// <returns>Whether the graph took any of it.</returns>
    public bool Accept(LineageEvent lineage)
    {
        ArgumentNullException.ThrowIfNull(lineage);
        if (lineage.Kind is not (LineageEventKind.Complete or LineageEventKind.Running) || lineage.Outputs.Count == 0)
        {
            return false;
        }

        var isTaken = false;
        foreach (var observation in ObservationsOf(lineage))
        {
            isTaken |= graph.Observe(observation);
        }

        return isTaken;
    }

    private IEnumerable<LineageObservation> ObservationsOf(LineageEvent lineage)
    {
        if (lineage.Columns is { Count: > 0 } columns)
        {
            var edges = columns.SelectMany(c => c.Inputs.Select(i => new LineageEdge(
                new ColumnId(i.Dataset.Name, i.Column), new ColumnId(c.Output.Name, c.Column), LineageEdgeKind.Direct, LineageOrigin.Runtime, lineage.Job)));
            return [Observed(lineage, edges, lineage.Sql)];
        }

        if (extractor is not null && lineage.Sql is { Length: > 0 } sql)
        {
            // A SELECT's result is what the run wrote, when it wrote one thing.
            var output = lineage.Outputs.Count == 1 ? lineage.Outputs[0].Dataset.Name : null;
            lock (_gate)
            {
                return [.. extractor.Extract(sql).Where(s => s.Columns.Count > 0).Select(s => Observed(lineage, s.Edges(lineage.Job, output), s.Sql))];
            }
        }

        return [Observed(lineage, lineage.Inputs.SelectMany(i => lineage.Outputs.Select(o => Whole(i, o, lineage.Job))), null)];
    }

    /// <summary>Where no text tells a job's statements apart, what they write does: a job of two sinks reports each by itself.</summary>
    private static LineageObservation Observed(LineageEvent lineage, IEnumerable<LineageEdge> edges, string? sql)
    {
        var text = sql ?? string.Join('\n', lineage.Outputs.Select(o => o.Dataset.Name).Order(StringComparer.Ordinal));
        return new LineageObservation(lineage.Job, edges, lineage.EventTime, LineageObservation.HashOf(text), lineage.RunId);
    }

    private static LineageEdge Whole(LineageDataset input, LineageDataset output, string job) => new(
        new ColumnId(input.Dataset.Name, ColumnId.Star), new ColumnId(output.Dataset.Name, ColumnId.Star), LineageEdgeKind.Direct, LineageOrigin.Runtime, job);
}
