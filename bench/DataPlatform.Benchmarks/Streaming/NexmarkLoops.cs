using System.Runtime.InteropServices;

namespace DataPlatform.Benchmarks.Streaming;

/// <summary>
/// The queries as single loops over the same events, with nothing of an engine around them: no time but what the query itself asks for, no order
/// but the generator's, no recovery. The limit on one core.
/// </summary>
internal static class NexmarkLoops
{
    private const long TenMs = 10_000;

    public static IReadOnlyDictionary<string, Func<NexmarkGenerator, long, long>> All { get; } = new Dictionary<string, Func<NexmarkGenerator, long, long>>
    {
        ["q0"] = static (g, events) => Each(g, events, static (in NexmarkEvent e, long _) => IsBid(in e) ? 1 : 0),
        ["q1"] = static (g, events) => Each(g, events, static (in NexmarkEvent e, long _) => IsBid(in e) ? Taken(new PricedBid(e.Auction, e.Bidder, NexmarkExpressions.Euros(e.Price), e.Url).Price) : 0),
        ["q2"] = static (g, events) => Each(g, events, static (in NexmarkEvent e, long _) => IsBid(in e) && e.Auction % 123 == 0 ? Taken(e.Price) : 0),
        ["q3"] = NexmarkJoinLoops.LocalSellers,
        ["q4"] = NexmarkJoinLoops.Averages,
        ["q5"] = HotItems,
        ["q7"] = Highest,
        ["q8"] = NexmarkJoinLoops.NewSellers,
        ["q9"] = NexmarkJoinLoops.Winning,
        ["q11"] = Sessions,
        ["q12"] = PerBidder,
        ["q14"] = static (g, events) => Each(g, events, static (in NexmarkEvent e, long _) => IsBid(in e) && NexmarkExpressions.Euros(e.Price) is > 1_000_000 and < 50_000_000
            ? Taken(e.Url.AsSpan().Count('c')) : 0),
        ["q15"] = static (g, events) => Statistics(g, events, static (in NexmarkEvent _) => string.Empty),
        ["q16"] = static (g, events) => Statistics(g, events, static (in NexmarkEvent e) => e.Channel),
        ["q17"] = AuctionDays,
        ["q18"] = LastBids,
        ["q19"] = TopTen,
        ["q21"] = static (g, events) => Each(g, events, static (in NexmarkEvent e, long _) => IsBid(in e) && (e.Channel is "Apple" or "Google" or "Facebook" or "Baidu" || NexmarkExpressions.ChannelIdOf(e.Url) is not null) ? 1 : 0),
        ["q22"] = static (g, events) => Each(g, events, static (in NexmarkEvent e, long _) => IsBid(in e) ? Taken(NexmarkExpressions.Directories(e).First.Length) : 0),
    };

    internal delegate long OnEvent(in NexmarkEvent e, long timeMs);

    private delegate string KeyOf(in NexmarkEvent e);

    /// <summary>Event by event with its time.</summary>
    internal static long Each(NexmarkGenerator generator, long events, OnEvent onEvent)
    {
        long results = 0;
        long shiftMs = 0;
        for (long done = 0; done < events; shiftMs += generator.BlockMs)
        {
            var count = (int)Math.Min(events - done, generator.Events.Length);
            var block = generator.Events.AsSpan(0, count);
            var times = generator.TimesMs.AsSpan(0, count);
            for (var i = 0; i < block.Length; i++)
            {
                results += onEvent(in block[i], times[i] + shiftMs);
            }

            done += count;
        }

        return results;
    }

    /// <summary>One result; the number is made use of, so that it has to be computed.</summary>
    internal static long Taken(long number) => 1 + (number >> 62);

    internal static bool IsBid(in NexmarkEvent e) => e.Kind == NexmarkKind.Bid;

    private static long PerBidder(NexmarkGenerator generator, long events)
    {
        var pane = new Dictionary<long, long>();
        Each(generator, events, (in NexmarkEvent e, long _) => IsBid(in e) ? ++CollectionsMarshal.GetValueRefOrAddDefault(pane, e.Bidder, out var _) : 0);
        return pane.Count;
    }

    private static long Highest(NexmarkGenerator generator, long events)
    {
        BidRow[] highest = [];
        long results = 0;
        long endMs = TenMs;
        Each(generator, events, (in NexmarkEvent e, long timeMs) =>
        {
            if (timeMs >= endMs)
            {
                results += highest.Length;
                highest = [];
                endMs = (timeMs / TenMs * TenMs) + TenMs;
            }

            if (IsBid(in e))
            {
                HighestBidsOf.Add(ref highest, new BidRow(e.Auction, e.Bidder, e.Price, timeMs));
            }

            return 0;
        });
        return results + highest.Length;
    }

    private static long HotItems(NexmarkGenerator generator, long events)
    {
        var slices = new Queue<Dictionary<long, long>>();
        var slice = new Dictionary<long, long>();
        long results = 0;
        long start = 0;
        Each(generator, events, (in NexmarkEvent e, long timeMs) =>
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

                var highest = window.Values.DefaultIfEmpty().Max();
                results += window.Values.Count(v => v == highest);
                slice = [];
                start = timeMs / 2_000 * 2_000;
            }

            if (IsBid(in e))
            {
                CollectionsMarshal.GetValueRefOrAddDefault(slice, e.Auction, out _)++;
            }

            return 0;
        });
        return results;
    }

    private static long Sessions(NexmarkGenerator generator, long events)
    {
        var sessions = new Dictionary<long, (long LastMs, long Count)>();
        long results = 0;
        Each(generator, events, (in NexmarkEvent e, long timeMs) =>
        {
            if (IsBid(in e))
            {
                ref var session = ref CollectionsMarshal.GetValueRefOrAddDefault(sessions, e.Bidder, out var exists);
                results += exists && timeMs > session.LastMs + TenMs ? 1 : 0;
                session = (timeMs, exists && timeMs <= session.LastMs + TenMs ? session.Count + 1 : 1);
            }

            return 0;
        });
        return results + sessions.Count;
    }

    private static long Statistics(NexmarkGenerator generator, long events, KeyOf keyOf)
    {
        var days = new Dictionary<(string, long), (DayStatistics Day, Dictionary<long, byte> Bidders, Dictionary<long, byte> Auctions)>();
        return Each(generator, events, (in NexmarkEvent e, long timeMs) =>
        {
            if (!IsBid(in e))
            {
                return 0;
            }

            ref var day = ref CollectionsMarshal.GetValueRefOrAddDefault(days, (keyOf(in e), NexmarkExpressions.Day(timeMs)), out var exists);
            if (!exists)
            {
                day = (new DayStatistics(string.Empty, 0, 0, default, 0, default, 0, default), [], []);
            }

            var rank = NexmarkExpressions.Rank(e.Price);
            var (bidder, bidderOfRank) = See(day.Bidders, e.Bidder, rank);
            var (auction, auctionOfRank) = See(day.Auctions, e.Auction, rank);
            day.Day = day.Day with
            {
                Bids = day.Day.Bids + 1,
                BidsByRank = day.Day.BidsByRank.Plus(rank, 1),
                Bidders = day.Day.Bidders + bidder,
                BiddersByRank = day.Day.BiddersByRank.Plus(rank, bidderOfRank),
                Auctions = day.Day.Auctions + auction,
                AuctionsByRank = day.Day.AuctionsByRank.Plus(rank, auctionOfRank),
            };
            return 1;
        });
    }

    private static (int New, int NewInRank) See(Dictionary<long, byte> seen, long id, int rank)
    {
        ref var ranks = ref CollectionsMarshal.GetValueRefOrAddDefault(seen, id, out _);
        var before = ranks;
        ranks |= (byte)(1 << rank);
        return (before == 0 ? 1 : 0, ranks == before ? 0 : 1);
    }

    private static long AuctionDays(NexmarkGenerator generator, long events)
    {
        var days = new Dictionary<(long, long), AuctionDay>();
        return Each(generator, events, (in NexmarkEvent e, long timeMs) =>
        {
            if (!IsBid(in e))
            {
                return 0;
            }

            ref var day = ref CollectionsMarshal.GetValueRefOrAddDefault(days, (e.Auction, NexmarkExpressions.Day(timeMs)), out var exists);
            day = new AuctionDay(
                e.Auction,
                NexmarkExpressions.Day(timeMs),
                day.Bids + 1,
                day.BidsByRank.Plus(NexmarkExpressions.Rank(e.Price), 1),
                exists ? Math.Min(day.Lowest, e.Price) : e.Price,
                Math.Max(day.Highest, e.Price),
                day.Sum + e.Price);
            return 1;
        });
    }

    private static long LastBids(NexmarkGenerator generator, long events)
    {
        var last = new Dictionary<(long, long), BidRow>();
        return Each(generator, events, (in NexmarkEvent e, long timeMs) =>
        {
            if (!IsBid(in e))
            {
                return 0;
            }

            CollectionsMarshal.GetValueRefOrAddDefault(last, (e.Bidder, e.Auction), out _) = new BidRow(e.Auction, e.Bidder, e.Price, timeMs);
            return 1;
        });
    }

    private static long TopTen(NexmarkGenerator generator, long events)
    {
        var top = new Dictionary<long, TopTenPrices>();
        return Each(generator, events, (in NexmarkEvent e, long _) =>
        {
            if (!IsBid(in e))
            {
                return 0;
            }

            ref var prices = ref CollectionsMarshal.GetValueRefOrAddDefault(top, e.Auction, out var _);
            return prices.TryAdd(e.Price) ? 1 : 0;
        });
    }
}
