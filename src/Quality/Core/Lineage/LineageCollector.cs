using DataPlatform.Kernel;
using DataPlatform.Kernel.Feeds;

namespace DataPlatform.Quality.Lineage;

/// <summary>Turns what engines report into edges of a graph.</summary>
/// <remarks>Thread-safe. An event that comes twice, by run and time, changes nothing the second time.</remarks>
/// <param name="graph">The graph.</param>
/// <param name="extractor">Reads the SQL of events that carry some; null leaves such events at the level of datasets. Used by one call at a time.</param>
public sealed class LineageCollector(LineageGraph graph, ILineageExtractor? extractor = null)
{
    private const double SharedConfidence = 0.5;
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
        var isReadable = extractor is not null && lineage.Sql is { Length: > 0 };
        if (lineage.Kind is not (LineageEventKind.Complete or LineageEventKind.Running) || (lineage.Outputs.Count == 0 && !isReadable))
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

    private List<LineageObservation> ObservationsOf(LineageEvent lineage)
    {
        if (lineage.Columns is { Count: > 0 } columns)
        {
            var edges = columns.SelectMany(c => c.Inputs.Select(i => new LineageEdge(
                new ColumnId(i.Dataset.Name, i.Column), new ColumnId(c.Output.Name, c.Column), LineageEdgeKind.Direct, LineageOrigin.Runtime, lineage.Job)));
            return [Observed(lineage, edges, lineage.Sql ?? ColumnsOf(lineage))];
        }

        if (extractor is not null && lineage.Sql is { Length: > 0 } sql && FromSql(extractor, lineage, sql) is { Count: > 0 } read)
        {
            return read;
        }

        return lineage.Outputs.Count == 0 ? [] : [Observed(lineage, lineage.Inputs.SelectMany(i => lineage.Outputs
            .Where(o => !graph.HasColumns(lineage.Job, lineage.RunId, i.Dataset.Name, o.Dataset.Name)).Select(o => Whole(i, o, lineage))), null)];
    }

    private List<LineageObservation> FromSql(ILineageExtractor reader, LineageEvent lineage, string sql)
    {
        var names = new EventNames(lineage);

        // A SELECT's result is what the run wrote, when it wrote one thing.
        var output = lineage.Outputs.Count == 1 ? lineage.Outputs[0].Dataset.Name : null;
        lock (_gate)
        {
            return
            [
                .. reader.Extract(sql, names.Tables).Where(s => s.Columns.Count > 0)
                    .Select(s => Observed(lineage, names.Translate(s).Edges(lineage.Job, output), s.Sql)),
            ];
        }
    }

    /// <summary>Not the name of what the same run says of whole datasets, or one would replace the other.</summary>
    private static string ColumnsOf(LineageEvent lineage) => "columns\n" + NamesOf(lineage);

    private static string NamesOf(LineageEvent lineage) => string.Join('\n', lineage.Outputs.Select(o => o.Dataset.Name).Order(StringComparer.Ordinal));

    /// <summary>Where no text tells a job's statements apart, what they write does: a job of two sinks reports each by itself.</summary>
    private static LineageObservation Observed(LineageEvent lineage, IEnumerable<LineageEdge> edges, string? sql)
    {
        var statement = LineageObservation.HashOf(sql ?? NamesOf(lineage));
        return new LineageObservation(lineage.Job, edges, lineage.EventTime, statement, lineage.RunId);
    }

    /// <summary>Which of several things read went into which of several written is not said.</summary>
    private static LineageEdge Whole(LineageDataset input, LineageDataset output, LineageEvent lineage) => new(
        new ColumnId(input.Dataset.Name, ColumnId.Star), new ColumnId(output.Dataset.Name, ColumnId.Star), LineageEdgeKind.Direct, LineageOrigin.Runtime,
        lineage.Job, lineage.Inputs.Count > 1 && lineage.Outputs.Count > 1 ? SharedConfidence : 1);
}
