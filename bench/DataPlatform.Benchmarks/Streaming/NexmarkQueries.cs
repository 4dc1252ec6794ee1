using DataPlatform.Streaming;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.Windows;

namespace DataPlatform.Benchmarks.Streaming;

/// <summary>Takes what a query gives out, whatever its type.</summary>
internal interface INexmarkEnd
{
    /// <summary>Ends a stream in a sink.</summary>
    void End<T>(DataStream<T> results);
}

/// <summary>The published queries on the public API. Where the SQL updates a row, each new version of the row is given out.</summary>
internal static class NexmarkQueries
{
    private static readonly TimeSpan Ten = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Two = TimeSpan.FromSeconds(2);

    public static IReadOnlyDictionary<string, Action<DataStream<NexmarkEvent>, INexmarkEnd>> All { get; }
        = new Dictionary<string, Action<DataStream<NexmarkEvent>, INexmarkEnd>>
        {
            ["q0"] = static (events, end) => end.End(Bids(events)),
            ["q1"] = static (events, end) => end.End(Bids(events).Map<PricedBid, Currency>(default, "currency")),
            ["q2"] = static (events, end) => end.End(Bids(events).Filter(default(SomeAuctions), "some-auctions").Map<AuctionPrice, Projection>(default, "projection")),
            ["q3"] = static (events, end) => end.End(LocalSellers(events)),
            ["q4"] = static (events, end) => end.End(Winning(events).KeyBy(static w => w.Category).Process("average", "average", static () => new AverageOfCategory())),
            ["q5"] = static (events, end) => end.End(HotItems(events)),
            ["q7"] = static (events, end) => end.End(HighestBids(events)),
            ["q8"] = static (events, end) => end.End(NewSellers(events)),
            ["q9"] = static (events, end) => end.End(Winning(events)),
            ["q11"] = static (events, end) => end.End(Bids(events).KeyBy(static b => b.Bidder).Window(SessionWindows.OfEventTime<NexmarkEvent>(Ten))
                .Aggregate("session", "session", new CountAggregate(), Counted)),
            ["q12"] = static (events, end) => end.End(Bids(events).KeyBy(static b => b.Bidder).Window(TumblingWindows.OfProcessingTime(Ten))
                .Aggregate("bids", "bids", new CountAggregate(), Counted)),
            ["q14"] = static (events, end) => end.End(Bids(events).Process<TimedBid>(NexmarkExpressions.TimeOfDay, "expression")),
            ["q15"] = static (events, end) => end.End(Statistics(events, static _ => string.Empty)),
            ["q16"] = static (events, end) => end.End(Statistics(events, static b => b.Channel)),
            ["q17"] = static (events, end) => end.End(Days(events).KeyBy(static b => (b.Event.Auction, b.Day)).Process("auction-day", "auction-day", static () => new AuctionDays())),
            ["q18"] = static (events, end) => end.End(Bids(events).KeyBy(static b => (b.Bidder, b.Auction)).Process("last", "last", static () => new LastBid())),
            ["q19"] = static (events, end) => end.End(Bids(events).KeyBy(static b => b.Auction).Process("top", "top", static () => new TopTen())),
            ["q21"] = static (events, end) => end.End(Bids(events).FlatMap<ChannelBid>(NexmarkExpressions.ChannelId, "channel-id")),
            ["q22"] = static (events, end) => end.End(Bids(events).Map(NexmarkExpressions.Directories, "directories")),
        };

    private static DataStream<NexmarkEvent> Bids(DataStream<NexmarkEvent> events) => events.Filter(default(BidsOnly), "bids-only");

    private static CountInWindow Counted(long id, TimeWindow window, long count) => new(id, window.StartMs, window.EndMs, count);

    private static DataStream<LocalSeller> LocalSellers(DataStream<NexmarkEvent> events)
    {
        var auctions = events.Filter(static e => e is { Kind: NexmarkKind.Auction, Category: 10 }, "category-10").KeyBy(static a => a.Bidder);
        var people = events.Filter(static e => e is { Kind: NexmarkKind.Person, Channel: "OR" or "ID" or "CA" }, "three-states").KeyBy(static p => p.Bidder);
        return auctions.Connect(people).Process("sellers", "sellers", static () => new SellerJoin());
    }

    private static DataStream<WinningBid> Winning(DataStream<NexmarkEvent> events)
    {
        var auctions = events.Filter(static e => e.Kind == NexmarkKind.Auction, "auctions-only").KeyBy(static a => a.Auction);
        return auctions.Connect(Bids(events).KeyBy(static b => b.Auction)).Process("winning", "winning", static () => new WinningBids());
    }

    private static DataStream<CountInWindow> HotItems(DataStream<NexmarkEvent> events) => Bids(events).KeyBy(static b => b.Auction)
        .Window(SlidingWindows.OfEventTime(Ten, Two)).Aggregate("bids", "bids", new CountAggregate(), Counted)
        .KeyBy(static w => w.StartMs).Window(TumblingWindows.OfEventTime(Two))
        .Process<CountInWindow>("hottest", "hottest", static (_, counts, output) =>
        {
            var highest = counts.Max(static c => c.Value.Count);
            foreach (var count in counts.Where(c => c.Value.Count == highest))
            {
                output.Collect(count.Value);
            }
        });

    private static DataStream<BidRow> HighestBids(DataStream<NexmarkEvent> events) => Bids(events)
        .Process<BidRow>(static (bid, output) => output.Collect(new BidRow(bid.Auction, bid.Bidder, bid.Price, output.TimestampMs)), "bid-rows")
        .KeyBy(static b => b.Auction & 63).Window(TumblingWindows.OfEventTime(Ten))
        .Aggregate("highest-part", "highest-part", new HighestOfPart(), static (_, _, bids) => bids)
        .AsOneKey().Window(TumblingWindows.OfEventTime(Ten))
        .Aggregate("highest", "highest", new HighestOfParts(), static (_, _, bids) => bids)
        .FlatMap<BidRow>(static (bids, output) => Array.ForEach(bids, output.Collect), "joined-back");

    private static DataStream<NewSeller> NewSellers(DataStream<NexmarkEvent> events) => events
        .Filter(static e => e.Kind != NexmarkKind.Bid, "people-and-auctions")
        .KeyBy(static e => e.Bidder).Window(TumblingWindows.OfEventTime(Ten))
        .Aggregate("came-and-sold", "came-and-sold", new PresenceAggregate(), static (id, window, presence) => (Presence: presence, Row: new NewSeller(id, presence.Name ?? string.Empty, window.StartMs)))
        .Filter(static p => p.Presence is { Name: not null, HasSold: true }, "both").Map(static p => p.Row, "row");

    private static DataStream<(NexmarkEvent Event, long Day, long TimeMs)> Days(DataStream<NexmarkEvent> events) => Bids(events)
        .Process<(NexmarkEvent Event, long Day, long TimeMs)>(
            static (bid, output) => output.Collect((bid, NexmarkExpressions.Day(output.TimestampMs), output.TimestampMs)), "day");

    private static DataStream<DayStatistics> Statistics(DataStream<NexmarkEvent> events, Func<NexmarkEvent, string> channelOf) => Days(events)
        .KeyBy(b => (channelOf(b.Event), b.Day)).Process("statistics", "statistics", static () => new StatisticsOfDay());
}
