using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Benchmarks.Streaming;

/// <summary>Auctions of category 10 and people of three states, joined for ever (q3).</summary>
internal sealed class SellerJoin : KeyedCoProcessFunction<long, NexmarkEvent, NexmarkEvent, LocalSeller>
{
    private IValueState<NexmarkEvent> _person = null!;
    private IListState<long> _auctions = null!;

    public override void Open(IKeyedStates states) => (_person, _auctions) = (states.Value<NexmarkEvent>("person"), states.List<long>("auctions"));

    public override void ProcessFirst(NexmarkEvent record, KeyedContext<long, LocalSeller> context)
    {
        _auctions.Add(record.Auction);
        if (_person.TryGet(out var person))
        {
            context.Collect(Row(person, record.Auction));
        }
    }

    public override void ProcessSecond(NexmarkEvent record, KeyedContext<long, LocalSeller> context)
    {
        _person.Update(record);
        foreach (var auction in _auctions.Items())
        {
            context.Collect(Row(record, auction));
        }
    }

    private static LocalSeller Row(NexmarkEvent person, long auction)
    {
        var parts = person.Url.Split('\t');
        return new LocalSeller(parts[0], parts[1], person.Channel, auction);
    }
}

/// <summary>The highest bid made while an auction ran, the earliest of equal ones, given out when the auction ends (q4, q9).</summary>
internal sealed class WinningBids : KeyedCoProcessFunction<long, NexmarkEvent, NexmarkEvent, WinningBid>
{
    private IValueState<NexmarkEvent> _auction = null!;
    private IValueState<long> _begin = null!;
    private IValueState<BidRow> _best = null!;
    private IListState<BidRow> _early = null!;

    public override void Open(IKeyedStates states)
    {
        _auction = states.Value<NexmarkEvent>("auction");
        _begin = states.Value<long>("begin");
        _best = states.Value<BidRow>("best");
        _early = states.List<BidRow>("early");
    }

    public override void ProcessFirst(NexmarkEvent record, KeyedContext<long, WinningBid> context)
    {
        _auction.Update(record);
        _begin.Update(context.TimestampMs);
        context.RegisterEventTimer(context.TimestampMs + record.Price);

        // Another split may have been faster, so bids may be here before their auction.
        foreach (var bid in _early.Items())
        {
            Take(bid, record, context.TimestampMs);
        }

        _early.Clear();
    }

    public override void ProcessSecond(NexmarkEvent record, KeyedContext<long, WinningBid> context)
    {
        var bid = new BidRow(record.Auction, record.Bidder, record.Price, context.TimestampMs);
        if (_auction.TryGet(out var auction) && _begin.TryGet(out var beginMs))
        {
            Take(bid, auction, beginMs);
        }
        else if (context.TimestampMs > context.WatermarkMs)
        {
            _early.Add(bid);
            context.RegisterEventTimer(context.TimestampMs);
        }
    }

    public override void OnTimer(long timeMs, TimeDomain domain, KeyedContext<long, WinningBid> context)
    {
        if (!_auction.TryGet(out var auction))
        {
            // No auction that began before these bids can still come.
            _early.Clear();
            return;
        }

        if (!_begin.TryGet(out var beginMs) || timeMs < beginMs + auction.Price)
        {
            return;
        }

        if (_best.TryGet(out var best))
        {
            context.Collect(new WinningBid(auction.Auction, auction.Category, auction.Bidder, best.Bidder, best.Price, best.TimeMs));
        }

        _auction.Clear();
        _begin.Clear();
        _best.Clear();
    }

    private void Take(BidRow bid, NexmarkEvent auction, long beginMs)
    {
        if (bid.TimeMs < beginMs || bid.TimeMs > beginMs + auction.Price)
        {
            return;
        }

        if (!_best.TryGet(out var best) || bid.Price > best.Price || (bid.Price == best.Price && bid.TimeMs < best.TimeMs))
        {
            _best.Update(bid);
        }
    }
}

/// <summary>The average of a category's winning prices; each one gives out the new average (q4).</summary>
internal sealed class AverageOfCategory : KeyedProcessFunction<int, WinningBid, CategoryAverage>
{
    private IValueState<(long Sum, long Count)> _total = null!;

    public override void Open(IKeyedStates states) => _total = states.Value<(long Sum, long Count)>("total");

    public override void Process(WinningBid record, KeyedContext<int, CategoryAverage> context)
    {
        _total.TryGet(out var total);
        total = (total.Sum + record.Price, total.Count + 1);
        _total.Update(total);
        context.Collect(new CategoryAverage(record.Category, total.Sum, total.Count));
    }
}

/// <summary>Counts of a day, or of a channel in a day: bids, different bidders and auctions, in all and by rank (q15, q16).</summary>
internal sealed class StatisticsOfDay : KeyedProcessFunction<(string Channel, long Day), (NexmarkEvent Event, long Day, long TimeMs), DayStatistics>
{
    private IValueState<DayStatistics> _day = null!;
    private IMapState<long, byte> _bidders = null!;
    private IMapState<long, byte> _auctions = null!;

    public override void Open(IKeyedStates states)
    {
        _day = states.Value<DayStatistics>("day");
        _bidders = states.Map<long, byte>("bidders");
        _auctions = states.Map<long, byte>("auctions");
    }

    public override void Process((NexmarkEvent Event, long Day, long TimeMs) record, KeyedContext<(string Channel, long Day), DayStatistics> context)
    {
        var rank = NexmarkExpressions.Rank(record.Event.Price);
        if (!_day.TryGet(out var day))
        {
            day = new DayStatistics(context.Key.Channel, context.Key.Day, 0, default, 0, default, 0, default);
        }

        var (bidder, bidderOfRank) = See(_bidders, record.Event.Bidder, rank);
        var (auction, auctionOfRank) = See(_auctions, record.Event.Auction, rank);
        day = day with
        {
            Bids = day.Bids + 1,
            BidsByRank = day.BidsByRank.Plus(rank, 1),
            Bidders = day.Bidders + bidder,
            BiddersByRank = day.BiddersByRank.Plus(rank, bidderOfRank),
            Auctions = day.Auctions + auction,
            AuctionsByRank = day.AuctionsByRank.Plus(rank, auctionOfRank),
        };
        _day.Update(day);
        context.Collect(day);
    }

    /// <returns>1 for an id that is new, and 1 for one that is new in its rank.</returns>
    private static (int New, int NewInRank) See(IMapState<long, byte> seen, long id, int rank)
    {
        seen.TryGet(id, out var ranks);
        var bit = (byte)(1 << rank);
        if ((ranks & bit) != 0)
        {
            return (0, 0);
        }

        seen.Put(id, (byte)(ranks | bit));
        return (ranks == 0 ? 1 : 0, 1);
    }
}

/// <summary>What was bid for an auction on a day (q17).</summary>
internal sealed class AuctionDays : KeyedProcessFunction<(long Auction, long Day), (NexmarkEvent Event, long Day, long TimeMs), AuctionDay>
{
    private IValueState<AuctionDay> _day = null!;

    public override void Open(IKeyedStates states) => _day = states.Value<AuctionDay>("day");

    public override void Process((NexmarkEvent Event, long Day, long TimeMs) record, KeyedContext<(long Auction, long Day), AuctionDay> context)
    {
        var price = record.Event.Price;
        var rank = NexmarkExpressions.Rank(price);
        var day = _day.TryGet(out var before)
            ? before with
            {
                Bids = before.Bids + 1,
                BidsByRank = before.BidsByRank.Plus(rank, 1),
                Lowest = Math.Min(before.Lowest, price),
                Highest = Math.Max(before.Highest, price),
                Sum = before.Sum + price,
            }
            : new AuctionDay(record.Event.Auction, record.Day, 1, default(Ranks).Plus(rank, 1), price, price, price);
        _day.Update(day);
        context.Collect(day);
    }
}

/// <summary>The last bid of a bidder on an auction; each bid replaces the one before (q18).</summary>
internal sealed class LastBid : KeyedProcessFunction<(long Bidder, long Auction), NexmarkEvent, BidRow>
{
    private IValueState<BidRow> _last = null!;

    public override void Open(IKeyedStates states) => _last = states.Value<BidRow>("last");

    public override void Process(NexmarkEvent record, KeyedContext<(long Bidder, long Auction), BidRow> context)
    {
        if (_last.TryGet(out var last) && last.TimeMs > context.TimestampMs)
        {
            return;
        }

        last = new BidRow(record.Auction, record.Bidder, record.Price, context.TimestampMs);
        _last.Update(last);
        context.Collect(last);
    }
}

/// <summary>The ten highest bids of an auction; gives out each bid that comes among them (q19).</summary>
internal sealed class TopTen : KeyedProcessFunction<long, NexmarkEvent, BidRow>
{
    private IValueState<TopTenPrices> _top = null!;

    public override void Open(IKeyedStates states) => _top = states.Value<TopTenPrices>("top");

    public override void Process(NexmarkEvent record, KeyedContext<long, BidRow> context)
    {
        _top.TryGet(out var top);
        if (top.TryAdd(record.Price))
        {
            _top.Update(top);
            context.Collect(new BidRow(record.Auction, record.Bidder, record.Price, context.TimestampMs));
        }
    }
}
