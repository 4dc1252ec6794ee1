using System.Runtime.CompilerServices;
using DataPlatform.Streaming.State;

namespace DataPlatform.Benchmarks.Streaming;

/// <summary>A bid with its price in euros (q1).</summary>
internal readonly record struct PricedBid(long Auction, long Bidder, long Price, string Url);

/// <summary>An auction and a price (q2).</summary>
internal readonly record struct AuctionPrice(long Auction, long Price);

/// <summary>A seller and one of the auctions (q3).</summary>
internal readonly record struct LocalSeller(string Name, string City, string State, long Auction);

/// <summary>The average price of a category so far (q4).</summary>
internal readonly record struct CategoryAverage(int Category, long Sum, long Count);

/// <summary>A number of one id in one window (q5, q11, q12).</summary>
internal readonly record struct CountInWindow(long Id, long StartMs, long EndMs, long Count);

/// <summary>A bid as it is joined back or ranked (q7, q9, q18, q19).</summary>
internal readonly record struct BidRow(long Auction, long Bidder, long Price, long TimeMs);

/// <summary>Someone who came and sold in one window (q8).</summary>
internal readonly record struct NewSeller(long Id, string Name, long StartMs);

/// <summary>The bid that won (q9).</summary>
internal readonly record struct WinningBid(long Auction, int Category, long Seller, long Bidder, long Price, long TimeMs);

/// <summary>A bid in the terms of q14.</summary>
internal readonly record struct TimedBid(long Auction, long Bidder, long Price, string TimeOfDay, long TimeMs, int Letters);

/// <summary>Counts of a day, and of a channel in it (q15, q16).</summary>
internal readonly record struct DayStatistics(string Channel, long Day, long Bids, Ranks BidsByRank, long Bidders, Ranks BiddersByRank, long Auctions, Ranks AuctionsByRank);

/// <summary>Three numbers, by the rank of the price: below 10,000, below 1,000,000, and above.</summary>
internal readonly record struct Ranks(long Low, long Middle, long High)
{
    public Ranks Plus(int rank, long number) => rank switch
    {
        0 => this with { Low = Low + number },
        1 => this with { Middle = Middle + number },
        _ => this with { High = High + number },
    };
}

/// <summary>What was bid for an auction on a day (q17).</summary>
internal readonly record struct AuctionDay(long Auction, long Day, long Bids, Ranks BidsByRank, long Lowest, long Highest, long Sum);

/// <summary>A bid and the number of its channel (q21).</summary>
internal readonly record struct ChannelBid(long Auction, long Bidder, long Price, string Channel, string ChannelId);

/// <summary>A bid and the directories of its page (q22).</summary>
internal readonly record struct DirectoryBid(long Auction, long Bidder, long Price, string Channel, string First, string Second, string Third);

/// <summary>The ten highest prices of an auction, in no order.</summary>
internal struct TopTenPrices
{
    public Slots Prices;
    public int Count;
    private const int Kept = 10;

    /// <returns>Whether the price has come among the ten.</returns>
    public bool TryAdd(long price)
    {
        if (Count < Kept)
        {
            Prices[Count++] = price;
            return true;
        }

        var lowest = 0;
        for (var i = 1; i < Kept; i++)
        {
            lowest = Prices[i] < Prices[lowest] ? i : lowest;
        }

        if (price <= Prices[lowest])
        {
            return false;
        }

        Prices[lowest] = price;
        return true;
    }

    [InlineArray(10)]
    internal struct Slots
    {
        private long _first;
    }
}

/// <summary>Serialisers of what the queries keep.</summary>
internal static class NexmarkSerializers
{
    public static void Register(StateSerializers serializers)
    {
        serializers.Register(StateSerializer.Pair(serializers.Get<long>(), serializers.Get<long>()));
        serializers.Register(StateSerializer.Pair(serializers.Get<string>(), serializers.Get<long>()));
        serializers.Register(StateSerializer.Create("bid-row/1", WriteRow, ReadRow));
        serializers.Register(StateSerializer.Create<BidRow[]>("bid-rows/1", WriteRows, ReadRows, isImmutable: true));
        serializers.Register(StateSerializer.Create<CountInWindow>(
            "count-in-window/1",
            static (w, v) => Write(w, v.Id, v.StartMs, v.EndMs, v.Count),
            static (ref StateReader r) => new CountInWindow(r.ReadVarInt64(), r.ReadVarInt64(), r.ReadVarInt64(), r.ReadVarInt64())));
        serializers.Register(StateSerializer.Create<TopTenPrices>("top-ten/1", WriteTopTen, ReadTopTen));
        serializers.Register(StateSerializer.Create<AuctionDay>(
            "auction-day/1",
            static (w, v) =>
            {
                Write(w, v.Auction, v.Day, v.Bids, v.Lowest, v.Highest, v.Sum);
                WriteRanks(w, v.BidsByRank);
            },
            static (ref StateReader r) =>
            {
                var (auction, day, bids) = (r.ReadVarInt64(), r.ReadVarInt64(), r.ReadVarInt64());
                var (lowest, highest, sum) = (r.ReadVarInt64(), r.ReadVarInt64(), r.ReadVarInt64());
                return new AuctionDay(auction, day, bids, ReadRanks(ref r), lowest, highest, sum);
            }));
        serializers.Register(StateSerializer.Create<DayStatistics>("day-statistics/1", WriteDay, ReadDay, isImmutable: true));
        serializers.Register(StateSerializer.Create<NexmarkEvent>("event/1", WriteEvent, ReadEvent, isImmutable: true));
        serializers.Register(StateSerializer.Create<Presence>(
            "presence/1",
            static (w, v) =>
            {
                w.WriteString(v.Name ?? string.Empty);
                w.WriteBoolean(v.Name is not null);
                w.WriteBoolean(v.HasSold);
            },
            static (ref StateReader r) =>
            {
                var name = r.ReadString();
                return new Presence(r.ReadBoolean() ? name : null, r.ReadBoolean());
            },
            isImmutable: true));
    }

    private static void Write(StateWriter writer, params ReadOnlySpan<long> numbers)
    {
        foreach (var number in numbers)
        {
            writer.WriteVarInt64(number);
        }
    }

    private static void WriteRow(StateWriter writer, BidRow row) => Write(writer, row.Auction, row.Bidder, row.Price, row.TimeMs);

    private static BidRow ReadRow(ref StateReader reader) => new(reader.ReadVarInt64(), reader.ReadVarInt64(), reader.ReadVarInt64(), reader.ReadVarInt64());

    private static void WriteRows(StateWriter writer, BidRow[] rows)
    {
        writer.WriteVarUInt64((ulong)rows.Length);
        Array.ForEach(rows, row => WriteRow(writer, row));
    }

    private static BidRow[] ReadRows(ref StateReader reader)
    {
        var rows = new BidRow[checked((int)reader.ReadVarUInt64())];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = ReadRow(ref reader);
        }

        return rows;
    }

    private static void WriteTopTen(StateWriter writer, TopTenPrices value)
    {
        writer.WriteVarUInt64((ulong)value.Count);
        for (var i = 0; i < value.Count; i++)
        {
            writer.WriteVarInt64(value.Prices[i]);
        }
    }

    private static TopTenPrices ReadTopTen(ref StateReader reader)
    {
        var value = new TopTenPrices { Count = checked((int)reader.ReadVarUInt64()) };
        for (var i = 0; i < value.Count; i++)
        {
            value.Prices[i] = reader.ReadVarInt64();
        }

        return value;
    }

    private static void WriteRanks(StateWriter writer, Ranks ranks) => Write(writer, ranks.Low, ranks.Middle, ranks.High);

    private static Ranks ReadRanks(ref StateReader reader) => new(reader.ReadVarInt64(), reader.ReadVarInt64(), reader.ReadVarInt64());

    private static void WriteDay(StateWriter writer, DayStatistics value)
    {
        writer.WriteString(value.Channel);
        Write(writer, value.Day, value.Bids, value.Bidders, value.Auctions);
        WriteRanks(writer, value.BidsByRank);
        WriteRanks(writer, value.BiddersByRank);
        WriteRanks(writer, value.AuctionsByRank);
    }

    private static DayStatistics ReadDay(ref StateReader reader)
    {
        var channel = reader.ReadString();
        var (day, bids, bidders, auctions) = (reader.ReadVarInt64(), reader.ReadVarInt64(), reader.ReadVarInt64(), reader.ReadVarInt64());
        var (byBids, byBidders) = (ReadRanks(ref reader), ReadRanks(ref reader));
        return new DayStatistics(channel, day, bids, byBids, bidders, byBidders, auctions, ReadRanks(ref reader));
    }

    private static void WriteEvent(StateWriter writer, NexmarkEvent value)
    {
        writer.WriteByte((byte)value.Kind);
        Write(writer, value.Category, value.Auction, value.Bidder, value.Price);
        writer.WriteString(value.Channel);
        writer.WriteString(value.Url);
    }

    private static NexmarkEvent ReadEvent(ref StateReader reader)
    {
        var kind = (NexmarkKind)reader.ReadByte();
        var (category, auction, bidder, price) = (checked((int)reader.ReadVarInt64()), reader.ReadVarInt64(), reader.ReadVarInt64(), reader.ReadVarInt64());
        return new NexmarkEvent(kind, category, auction, bidder, price, reader.ReadString(), reader.ReadString());
    }
}
