using DataPlatform.Streaming.Operators;

namespace DataPlatform.Benchmarks.Streaming;

/// <summary>Bids.</summary>
internal readonly struct BidsOnly : IRecordPredicate<NexmarkEvent>
{
    public bool Keep(in NexmarkEvent record) => record.Kind == NexmarkKind.Bid;
}

/// <summary>Bids on every 123rd auction.</summary>
internal readonly struct SomeAuctions : IRecordPredicate<NexmarkEvent>
{
    public bool Keep(in NexmarkEvent record) => record.Auction % 123 == 0;
}

/// <summary>Dollars to euros, at the rate of the published query.</summary>
internal readonly struct Currency : IRecordMap<NexmarkEvent, PricedBid>
{
    public void Map(in NexmarkEvent record, out PricedBid result)
        => result = new PricedBid(record.Auction, record.Bidder, NexmarkExpressions.Euros(record.Price), record.Url);
}

/// <summary>Auction and price.</summary>
internal readonly struct Projection : IRecordMap<NexmarkEvent, AuctionPrice>
{
    public void Map(in NexmarkEvent record, out AuctionPrice result) => result = new AuctionPrice(record.Auction, record.Price);
}

/// <summary>The scalar expressions of the queries.</summary>
internal static class NexmarkExpressions
{
    private const long DayMs = 86_400_000;
    private const long HourMs = 3_600_000;

    public static long Euros(long dollars) => dollars * 908 / 1000;

    public static long Day(long timeMs) => timeMs / DayMs;

    /// <summary>0, 1 or 2: below 10,000, below 1,000,000, and above.</summary>
    public static int Rank(long price) => price < 10_000 ? 0 : price < 1_000_000 ? 1 : 2;

    public static void TimeOfDay(NexmarkEvent bid, RecordContext<TimedBid> output)
    {
        var price = Euros(bid.Price);
        if (price is <= 1_000_000 or >= 50_000_000)
        {
            return;
        }

        var hour = output.TimestampMs % DayMs / HourMs;
        var timeOfDay = hour is >= 8 and <= 18 ? "dayTime" : hour is <= 6 or >= 20 ? "nightTime" : "otherTime";
        output.Collect(new TimedBid(bid.Auction, bid.Bidder, price, timeOfDay, output.TimestampMs, bid.Url.AsSpan().Count('c')));
    }

    public static void ChannelId(NexmarkEvent bid, ICollector<ChannelBid> output)
    {
        var id = bid.Channel switch
        {
            "Apple" => "0",
            "Google" => "1",
            "Facebook" => "2",
            "Baidu" => "3",
            _ => ChannelIdOf(bid.Url),
        };
        if (id is not null)
        {
            output.Collect(new ChannelBid(bid.Auction, bid.Bidder, bid.Price, bid.Channel, id));
        }
    }

    /// <summary>What the published expression (&amp;|^)channel_id=([^&amp;]*) finds.</summary>
    public static string? ChannelIdOf(string url)
    {
        const string name = "channel_id=";
        var at = url.StartsWith(name, StringComparison.Ordinal) ? 0 : url.IndexOf("&" + name, StringComparison.Ordinal) + 1;
        if (at == 0 && !url.StartsWith(name, StringComparison.Ordinal))
        {
            return null;
        }

        var value = url.AsSpan(at + name.Length);
        var end = value.IndexOf('&');
        return new string(end < 0 ? value : value[..end]);
    }

    public static DirectoryBid Directories(NexmarkEvent bid)
    {
        var url = bid.Url;
        var first = url.IndexOf('/', 8) + 1;
        var second = url.IndexOf('/', first) + 1;
        var third = url.IndexOf('/', second) + 1;
        var end = url.IndexOf('/', third);
        return new DirectoryBid(
            bid.Auction, bid.Bidder, bid.Price, bid.Channel, url[first..(second - 1)], url[second..(third - 1)], end < 0 ? url[third..] : url[third..end]);
    }
}
