using DataPlatform.Streaming;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Windows;

namespace DataPlatform.Benchmarks.Streaming;

/// <summary>A count or a highest price of one auction in one window.</summary>
internal readonly record struct AuctionWindow(long Auction, long StartMs, long Number);

/// <summary>The queries on the public API. Each ends in a counting sink.</summary>
internal static class NexmarkQueries
{
    private static readonly TimeSpan Ten = TimeSpan.FromSeconds(10);

    public static IReadOnlyDictionary<string, Func<DataStream<NexmarkEvent>, Func<long>>> All { get; } = new Dictionary<string, Func<DataStream<NexmarkEvent>, Func<long>>>
    {
        ["q0"] = static events => Count(Bids(events)),
        ["q1"] = static events => Count(Bids(events).Map(static b => b with { Price = b.Price * 908 / 1000 }, "currency")),
        ["q2"] = static events => Count(Bids(events).Filter(static b => b.Auction % 123 == 0, "some-auctions").Map(static b => (b.Auction, b.Price), "projection")),
        ["q5"] = static events => Count(Bids(events).KeyBy(static b => b.Auction)
            .Window(SlidingWindows.OfEventTime(Ten, TimeSpan.FromSeconds(2)))
            .Aggregate("bids", "bids", new CountAggregate(), static (auction, window, count) => new AuctionWindow(auction, window.StartMs, count))
            .KeyBy(static w => w.StartMs).Window(TumblingWindows.OfEventTime(TimeSpan.FromSeconds(2)))
            .Aggregate("hottest", "hottest", new HighestAggregate(), static (_, _, hottest) => hottest)),
        ["q7"] = static events => Count(Bids(events).KeyBy(static b => b.Auction % 64).Window(TumblingWindows.OfEventTime(Ten))
            .Aggregate("highest-part", "highest-part", new HighestBidAggregate(), static (_, window, bid) => bid with { StartMs = window.StartMs })
            .AsOneKey().Window(TumblingWindows.OfEventTime(Ten))
            .Aggregate("highest", "highest", new HighestAggregate(), static (_, _, bid) => bid)),
        ["q11"] = static events => Count(Bids(events).KeyBy(static b => b.Bidder).Window(SessionWindows.OfEventTime<NexmarkEvent>(Ten))
            .Aggregate("session", "session", new CountAggregate(), static (bidder, window, count) => new AuctionWindow(bidder, window.StartMs, count))),
        ["q12"] = static events => Count(Bids(events).KeyBy(static b => b.Bidder).Window(TumblingWindows.OfProcessingTime(Ten))
            .Aggregate("bids", "bids", new CountAggregate(), static (bidder, window, count) => new AuctionWindow(bidder, window.StartMs, count))),
        ["q18"] = static events => Count(Bids(events).KeyBy(static b => (b.Bidder, b.Auction)).Process("last", "last", static () => new LastBid())),
        ["q19"] = static events => Count(Bids(events).KeyBy(static b => b.Auction).Process("top", "top", static () => new TopTen())),
        ["q22"] = static events => Count(Bids(events).Map(static b => SplitUrl(b.Url), "directories")),
    };

    public static void Register(StateSerializers serializers)
    {
        serializers.Register(StateSerializer.Pair(serializers.Get<long>(), serializers.Get<long>()));
        serializers.Register(StateSerializer.Create(
            "auction-window/1",
            static (writer, value) =>
            {
                writer.WriteVarInt64(value.Auction);
                writer.WriteVarInt64(value.StartMs);
                writer.WriteVarInt64(value.Number);
            },
            static (ref StateReader reader) => new AuctionWindow(reader.ReadVarInt64(), reader.ReadVarInt64(), reader.ReadVarInt64())));
    }

    public static (string, string, string) SplitUrl(string url)
    {
        var first = url.IndexOf('/', 8) + 1;
        var second = url.IndexOf('/', first) + 1;
        var third = url.IndexOf('/', second) + 1;
        return (url[first..(second - 1)], url[second..(third - 1)], url[third..]);
    }

    private static DataStream<NexmarkEvent> Bids(DataStream<NexmarkEvent> events) => events.Filter(static e => e.Kind == NexmarkKind.Bid, "bids-only");

    private static Func<long> Count<T>(DataStream<T> results)
    {
        var sink = new CountingSink<T>();
        results.SinkTo("null", "null", sink);
        return () => sink.Count;
    }
}

/// <summary>How many.</summary>
internal sealed class CountAggregate : IAggregateFunction<NexmarkEvent, long, long>
{
    public long CreateAccumulator() => 0;

    public void Add(ref long accumulator, NexmarkEvent record) => accumulator++;

    public void Merge(ref long accumulator, in long other) => accumulator += other;

    public long GetResult(in long accumulator) => accumulator;
}

/// <summary>The highest bid.</summary>
internal sealed class HighestBidAggregate : IAggregateFunction<NexmarkEvent, AuctionWindow, AuctionWindow>
{
    public AuctionWindow CreateAccumulator() => default;

    public void Add(ref AuctionWindow accumulator, NexmarkEvent record)
    {
        if (record.Price > accumulator.Number)
        {
            accumulator = new AuctionWindow(record.Auction, 0, record.Price);
        }
    }

    public void Merge(ref AuctionWindow accumulator, in AuctionWindow other) => accumulator = other.Number > accumulator.Number ? other : accumulator;

    public AuctionWindow GetResult(in AuctionWindow accumulator) => accumulator;
}

/// <summary>The highest of what windows gave.</summary>
internal sealed class HighestAggregate : IAggregateFunction<AuctionWindow, AuctionWindow, AuctionWindow>
{
    public AuctionWindow CreateAccumulator() => default;

    public void Add(ref AuctionWindow accumulator, AuctionWindow record) => Merge(ref accumulator, in record);

    public void Merge(ref AuctionWindow accumulator, in AuctionWindow other) => accumulator = other.Number > accumulator.Number ? other : accumulator;

    public AuctionWindow GetResult(in AuctionWindow accumulator) => accumulator;
}

/// <summary>The last bid of a bidder on an auction; each bid replaces the one before.</summary>
internal sealed class LastBid : KeyedProcessFunction<(long Bidder, long Auction), NexmarkEvent, NexmarkEvent>
{
    private IValueState<long> _price = null!;

    public override void Open(IKeyedStates states) => _price = states.Value<long>("price");

    public override void Process(NexmarkEvent record, KeyedContext<(long Bidder, long Auction), NexmarkEvent> context)
    {
        _price.Update(record.Price);
        context.Collect(record);
    }
}

/// <summary>The ten highest bids of an auction; gives out each bid that comes among them.</summary>
internal sealed class TopTen : KeyedProcessFunction<long, NexmarkEvent, NexmarkEvent>
{
    private const int Kept = 10;
    private IListState<long> _prices = null!;

    public override void Open(IKeyedStates states) => _prices = states.List<long>("prices");

    public override void Process(NexmarkEvent record, KeyedContext<long, NexmarkEvent> context)
    {
        var prices = _prices.Items();
        if (prices.Count < Kept)
        {
            _prices.Add(record.Price);
        }
        else if (prices.Min() is var lowest && record.Price > lowest)
        {
            var removed = false;
            _prices.Update([.. prices.Where(p => p != lowest || removed || !(removed = true)), record.Price]);
        }
        else
        {
            return;
        }

        context.Collect(record);
    }
}
