using System.Runtime.InteropServices;

namespace DataPlatform.Benchmarks.Streaming;

/// <summary>The queries as single loops over the same events, with nothing of an engine around them: the limit on one core.</summary>
internal static class NexmarkLoops
{
    private const long TenMs = 10_000;

    public static IReadOnlyDictionary<string, Func<NexmarkEvent[], long, long>> All { get; } = new Dictionary<string, Func<NexmarkEvent[], long, long>>
    {
        ["q0"] = static (block, events) => Each(block, events, static (in NexmarkEvent e, long _) => e.Kind == NexmarkKind.Bid ? 1 : 0),
        ["q1"] = static (block, events) => Each(block, events, static (in NexmarkEvent e, long _) => e.Kind == NexmarkKind.Bid ? 1 + (((e with { Price = e.Price * 908 / 1000 }).Price) >> 62) : 0),
        ["q2"] = static (block, events) => Each(block, events, static (in NexmarkEvent e, long _) => e.Kind == NexmarkKind.Bid && e.Auction % 123 == 0 ? 1 : 0),
        ["q5"] = HotItems,
        ["q7"] = static (block, events) => Tumble(block, events, static (in NexmarkEvent e) => e.Auction % 64),
        ["q11"] = Sessions,
        ["q12"] = static (block, events) => Tumble(block, events, static (in NexmarkEvent e) => e.Bidder),
        ["q18"] = LastBids,
        ["q22"] = static (block, events) => Each(block, events, static (in NexmarkEvent e, long _) => e.Kind == NexmarkKind.Bid ? 1 + (NexmarkQueries.SplitUrl(e.Url).Item1.Length >> 30) : 0),
    };

    private delegate long OnEvent(in NexmarkEvent e, long timeMs);

    private delegate long KeyOf(in NexmarkEvent e);

    private static long Each(NexmarkEvent[] block, long events, OnEvent onEvent)
    {
        long results = 0;
        for (long n = 0; n < events; n++)
        {
            results += onEvent(in block[n & (NexmarkGenerator.BlockEvents - 1)], NexmarkGenerator.TimeMs(n));
        }

        return results;
    }

    private static long Tumble(NexmarkEvent[] block, long events, KeyOf keyOf)
    {
        var pane = new Dictionary<long, long>();
        long results = 0;
        long start = 0;
        Each(block, events, (in NexmarkEvent e, long timeMs) =>
        {
            if (timeMs >= start + TenMs)
            {
                results += pane.Count;
                pane.Clear();
                start = timeMs / TenMs * TenMs;
            }

            if (e.Kind == NexmarkKind.Bid)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(pane, keyOf(in e), out _)++;
            }

            return 0;
        });
        return results + pane.Count;
    }

    private static long HotItems(NexmarkEvent[] block, long events)
    {
        var slices = new Queue<Dictionary<long, long>>();
        var slice = new Dictionary<long, long>();
        long results = 0;
        long start = 0;
        Each(block, events, (in NexmarkEvent e, long timeMs) =>
        {
            if (timeMs >= start + 2_000)
            {
                slices.Enqueue(slice);
                if (slices.Count > 5)
                {
                    slices.Dequeue();
                }

                var window = new Dictionary<long, long>();
                foreach (var (auction, count) in slices.SelectMany(static s => s))
                {
                    CollectionsMarshal.GetValueRefOrAddDefault(window, auction, out _) += count;
                }

                results += window.Count == 0 ? 0 : window.Values.Max() > 0 ? 1 : 0;
                slice = [];
                start = timeMs / 2_000 * 2_000;
            }

            if (e.Kind == NexmarkKind.Bid)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(slice, e.Auction, out _)++;
            }

            return 0;
        });
        return results;
    }

    private static long Sessions(NexmarkEvent[] block, long events)
    {
        var sessions = new Dictionary<long, (long LastMs, long Count)>();
        long results = 0;
        Each(block, events, (in NexmarkEvent e, long timeMs) =>
        {
            if (e.Kind == NexmarkKind.Bid)
            {
                ref var session = ref CollectionsMarshal.GetValueRefOrAddDefault(sessions, e.Bidder, out var exists);
                results += exists && timeMs > session.LastMs + TenMs ? 1 : 0;
                session = (timeMs, exists && timeMs <= session.LastMs + TenMs ? session.Count + 1 : 1);
            }

            return 0;
        });
        return results + sessions.Count;
    }

    private static long LastBids(NexmarkEvent[] block, long events)
    {
        var last = new Dictionary<(long, long), long>();
        return Each(block, events, (in NexmarkEvent e, long timeMs) =>
        {
            if (e.Kind != NexmarkKind.Bid)
            {
                return 0;
            }

            CollectionsMarshal.GetValueRefOrAddDefault(last, (e.Bidder, e.Auction), out _) = e.Price;
            return 1;
        });
    }
}
