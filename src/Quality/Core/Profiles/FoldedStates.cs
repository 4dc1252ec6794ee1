using System.Numerics;
using DataPlatform.Kernel;
using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Profiles;

/// <summary>Measures a relation by its parts: a part is read once, what it said is kept, and the whole is the fold over the parts that live.</summary>
/// <remarks>
/// Rewritten, deleted and dropped parts are right by construction, since a part never changes and only live ones are folded. A kept state is used only
/// when its part, the reading of its columns and the engine are the same, else the part is read again; so it is after a kill between reading and
/// keeping. One run at a time.
/// </remarks>
/// <param name="engine">What measures a part.</param>
/// <param name="source">The parts.</param>
/// <param name="store">Where states are kept.</param>
/// <param name="table">The table they are kept under.</param>
public sealed class FoldedStates(IMetricEngine engine, IPartSource source, IPartitionStateStore store, string table) : IPartStates
{
    // More expressions than a suite has; a part is small, so splitting gains nothing.
    private const int ExpressionsMax = 1_000;

    // Expressions that are asked of parts look at their row alone, so no query of a part goes on without end.
    private static readonly TimeSpan PartTimeMax = TimeSpan.FromDays(1);

    // Rules come and go while a part lives, and a filter that names today's date is another metric every day.
    private const int MetricsMax = 2_000;
    private readonly Dictionary<(string Key, string? Partition), TablePart> _counted = [];

    /// <summary>Partitions told of one by one, 0 to 10,000; 400 unless said otherwise. Those written to last are, where there are more.</summary>
    public int PartitionsMax
    {
        get;
        init => field = value is >= 0 and <= 10_000 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "0 to 10,000 partitions are told of.");
    } = 400;

    /// <inheritdoc/>
    public async ValueTask<string?> OpenCountedAsync(Metric metric, string? partition, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(metric);
        return _counted.TryGetValue((metric.Key, partition), out var part)
            ? await source.OpenAsync(part, cancellationToken).ConfigureAwait(false)
            : null;
    }

    /// <inheritdoc/>
    public async ValueTask<PartAnswer> AnswerAsync(IReadOnlyList<Metric> metrics, TableShape shape, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        ArgumentNullException.ThrowIfNull(shape);
        Dictionary<string, string> whole = [];
        var parts = Plan(metrics, shape, whole);
        var sums = parts.Values.DistinctBy(p => p.Key).ToDictionary(p => p.Key, MetricParts.Nothing);
        var (read, bytes) = (0, 0L);
        var partitions = PartitionFolds.Of(source.Parts, PartitionsMax);
        _counted.Clear();
        foreach (var part in source.Parts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Metric[] wanted = [.. parts.Where(p => !whole.ContainsKey(p.Key)).Select(p => p.Value).DistinctBy(p => p.Key)];
            var (values, isRead) = await OfPartAsync(part, wanted, shape, cancellationToken).ConfigureAwait(false);
            (read, bytes) = isRead ? (read + 1, bytes + part.SizeBytes) : (read, bytes);
            partitions.Add(part, wanted, values, isRead);
            foreach (var metric in wanted)
            {
                if (values.TryGetValue(metric.Key, out var value))
                {
                    sums[metric.Key] = MetricParts.Add(metric, sums[metric.Key], value);
                    Remember(metric, value, part);
                    continue;
                }

                // It failed over this part, and so it does over the whole, where the rule is told how.
                foreach (var (key, _) in parts.Where(p => p.Value.Key == metric.Key))
                {
                    whole[key] = "it failed over a part";
                }
            }
        }

        List<Metric> answered = [.. metrics.Where(m => parts.ContainsKey(m.Key) && !whole.ContainsKey(m.Key))];
        return new PartAnswer(
            answered.ToDictionary(m => m.Key, m => MetricParts.Finish(m, sums[parts[m.Key].Key])), whole, source.Parts.Count, read, bytes)
        {
            Partitions = partitions.Finish(answered, parts),
        };
    }

    /// <summary>Profiles the relation: only parts without a kept profile are read.</summary>
    /// <param name="read">Reads the state of a relation, under the name of a part.</param>
    /// <param name="cancellationToken">Stops between two parts.</param>
    /// <returns>A state per part, for <see cref="PartitionState.Fold"/>.</returns>
    /// <exception cref="MetricException">A part could not be read.</exception>
    public async ValueTask<IReadOnlyList<PartitionState>> ProfileAsync(
        Func<string, string, CancellationToken, ValueTask<PartitionState>> read, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(read);
        List<PartitionState> states = [];
        foreach (var part in source.Parts)
        {
            var kept = await KeptAsync(part, cancellationToken).ConfigureAwait(false);
            if (kept is not { Columns.Count: > 0 })
            {
                var relation = await source.OpenAsync(part, cancellationToken).ConfigureAwait(false);
                var state = await read(relation, part.Name, cancellationToken).ConfigureAwait(false);
                kept = state with { Engine = kept?.Engine ?? string.Empty, Metrics = kept?.Metrics ?? new Dictionary<string, object?>() };
                await store.PutAsync(table, kept, part.Fingerprint, cancellationToken).ConfigureAwait(false);
            }

            states.Add(kept);
        }

        return states;
    }

    /// <summary>Removes the states of parts that live no more. States of other versions of the table go with them.</summary>
    /// <param name="cancellationToken">Stops between two states.</param>
    /// <returns>How many were removed.</returns>
    public ValueTask<int> PruneAsync(CancellationToken cancellationToken = default)
    {
        var live = source.Parts.Select(p => (p.Name, p.Fingerprint)).ToHashSet();
        return store.RemoveExceptAsync(table, (name, fingerprint) => live.Contains((name, fingerprint)), cancellationToken);
    }

    // Parts come oldest first, so the newest with such rows stays.
    private void Remember(Metric metric, object? value, TablePart part)
    {
        if (metric is ViolationMetric && value is BigInteger { IsZero: false })
        {
            _counted[(metric.Key, null)] = part;
            _counted[(metric.Key, part.Partition)] = part;
        }
    }

    private Dictionary<string, Metric> Plan(IReadOnlyList<Metric> metrics, TableShape shape, Dictionary<string, string> whole)
    {
        Dictionary<string, Metric> parts = [];
        foreach (var metric in metrics)
        {
            try
            {
                if (MetricParts.Of(metric, shape, engine) is ({ } part, _))
                {
                    parts[metric.Key] = part;
                }
                else if (metric is not (RelationMetric or CustomSqlMetric))
                {
                    whole[metric.Key] = MetricParts.Of(metric, shape, engine).Why!;
                }
            }
            catch (MetricException e)
            {
                whole[metric.Key] = e.Message;
            }
        }

        return parts;
    }

    private async ValueTask<(IReadOnlyDictionary<string, object?> Values, bool IsRead)> OfPartAsync(
        TablePart part, Metric[] wanted, TableShape shape, CancellationToken cancellationToken)
    {
        Dictionary<string, object?> values = [];
        foreach (var metric in wanted)
        {
            if (source.TryKnow(part, metric, shape, out var value))
            {
                values[metric.Key] = value;
            }
        }

        if (values.Count == wanted.Length)
        {
            return (values, false);
        }

        var kept = await KeptAsync(part, cancellationToken).ConfigureAwait(false);
        var known = kept is not null && kept.Engine == engine.Id ? kept.Metrics : new Dictionary<string, object?>();
        List<Metric> missing = [];
        foreach (var metric in wanted.Where(m => !values.ContainsKey(m.Key)))
        {
            if (known.TryGetValue(metric.Key, out var value))
            {
                values[metric.Key] = value;
            }
            else
            {
                missing.Add(metric);
            }
        }

        if (missing.Count == 0)
        {
            return (values, false);
        }

        var measured = await MeasureAsync(part, missing, shape, cancellationToken).ConfigureAwait(false);
        var state = (kept ?? new PartitionState(part.Name, [])) with { Engine = engine.Id, Metrics = Together(Bounded(known, wanted), measured) };
        await store.PutAsync(table, state, part.Fingerprint, cancellationToken).ConfigureAwait(false);
        return (Together(values, measured), true);
    }

    private async ValueTask<Dictionary<string, object?>> MeasureAsync(
        TablePart part, List<Metric> missing, TableShape shape, CancellationToken cancellationToken)
    {
        var relation = await source.OpenAsync(part, cancellationToken).ConfigureAwait(false);
        var execution = new MetricExecution(engine, shape, new QualityTarget(relation), PartTimeMax);
        foreach (var query in MetricPlanner.Plan(missing, new HashSet<string>(), ExpressionsMax))
        {
            await execution.RunAsync(query, cancellationToken).ConfigureAwait(false);
        }

        return missing.Where(execution.Values.Has).ToDictionary(m => m.Key, execution.Values.Value);
    }

    private async ValueTask<PartitionState?> KeptAsync(TablePart part, CancellationToken cancellationToken)
    {
        try
        {
            return await store.TryGetAsync(table, part.Name, part.Fingerprint, cancellationToken).ConfigureAwait(false);
        }
        catch (QualityException e) when (e.Kind == ErrorKind.Corrupt)
        {
            // Damaged, or of a version or hash that cannot be added to ours: the part is read again and the state replaced.
            return null;
        }
    }

    /// <summary>What is kept of a part beside what is new: all of it, or what is asked for now where there is too much.</summary>
    private static IReadOnlyDictionary<string, object?> Bounded(IReadOnlyDictionary<string, object?> known, Metric[] wanted)
        => known.Count < MetricsMax ? known : wanted.Where(m => known.ContainsKey(m.Key)).ToDictionary(m => m.Key, m => known[m.Key]);

    private static Dictionary<string, object?> Together(IReadOnlyDictionary<string, object?> first, IReadOnlyDictionary<string, object?> second)
    {
        Dictionary<string, object?> all = new(first);
        foreach (var (key, value) in second)
        {
            all[key] = value;
        }

        return all;
    }
}
