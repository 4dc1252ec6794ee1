using System.Runtime.InteropServices;

namespace DataPlatform.Benchmarks.Streaming;

/// <summary>The loops of the queries that bring two kinds of events together.</summary>
internal static class NexmarkJoinLoops
{
    private const long TenMs = 10_000;

    public static long LocalSellers(NexmarkGenerator generator, long events)
    {
        var people = new Dictionary<long, NexmarkEvent>();
        var waiting = new Dictionary<long, List<long>>();
        return NexmarkLoops.Each(generator, events, (in NexmarkEvent e, long _) =>
        {
            if (e is { Kind: NexmarkKind.Auction, Category: 10 })
            {
                (CollectionsMarshal.GetValueRefOrAddDefault(waiting, e.Bidder, out var _) ??= []).Add(e.Auction);
                return people.ContainsKey(e.Bidder) ? 1 : 0;
            }

            if (e is not { Kind: NexmarkKind.Person, Channel: "OR" or "ID" or "CA" })
            {
                return 0;
            }

            people[e.Bidder] = e;
            return waiting.TryGetValue(e.Bidder, out var auctions) ? auctions.Count : 0;
        });
    }

    public static long Winning(NexmarkGenerator generator, long events) => Close(generator, events, static (_, _) => { });

    public static long Averages(NexmarkGenerator generator, long events)
    {
        var totals = new Dictionary<int, (long Sum, long Count)>();
        return Close(generator, events, (category, price) =>
        {
            ref var total = ref CollectionsMarshal.GetValueRefOrAddDefault(totals, category, out _);
            total = (total.Sum + price, total.Count + 1);
        });
    }

    public static long NewSellers(NexmarkGenerator generator, long events)
    {
        var came = new Dictionary<long, string>();
        var sold = new HashSet<long>();
        long results = 0;
        long endMs = TenMs;
        NexmarkLoops.Each(generator, events, (in NexmarkEvent e, long timeMs) =>
        {
            if (timeMs >= endMs)
            {
                results += came.Keys.Count(sold.Contains);
                came.Clear();
                sold.Clear();
                endMs = (timeMs / TenMs * TenMs) + TenMs;
            }

            if (e.Kind == NexmarkKind.Person)
            {
                came[e.Bidder] = e.Url[..e.Url.IndexOf('\t')];
            }
            else if (e.Kind == NexmarkKind.Auction)
            {
                sold.Add(e.Bidder);
            }

            return 0;
        });
        return results + came.Keys.Count(sold.Contains);
    }

    private static long Close(NexmarkGenerator generator, long events, Action<int, long> onWinner)
    {
        var open = new Dictionary<long, (int Category, long EndMs, long Price)>();
        var ends = new PriorityQueue<long, long>();
        long results = 0;
        NexmarkLoops.Each(generator, events, (in NexmarkEvent e, long timeMs) =>
        {
            while (ends.TryPeek(out var auction, out var endMs) && endMs < timeMs)
            {
                ends.Dequeue();
                if (open.Remove(auction, out var closed) && closed.Price > 0)
                {
                    onWinner(closed.Category, closed.Price);
                    results++;
                }
            }

            if (e.Kind == NexmarkKind.Auction)
            {
                open[e.Auction] = (e.Category, timeMs + e.Price, 0);
                ends.Enqueue(e.Auction, timeMs + e.Price);
            }
            else if (e.Kind == NexmarkKind.Bid)
            {
                ref var auction = ref CollectionsMarshal.GetValueRefOrNullRef(open, e.Auction);
                if (!System.Runtime.CompilerServices.Unsafe.IsNullRef(ref auction))
                {
                    auction.Price = Math.Max(auction.Price, e.Price);
                }
            }

            return 0;
        });
        return results;
    }
}
