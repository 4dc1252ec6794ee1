using DataPlatform.Streaming.Operators;

namespace DataPlatform.Benchmarks.Streaming;

/// <summary>How many.</summary>
internal sealed class CountAggregate : IRetractableAggregate<NexmarkEvent, long, long>
{
    public long CreateAccumulator() => 0;

    public void Add(ref long accumulator, NexmarkEvent record) => accumulator++;

    public void Merge(ref long accumulator, in long other) => accumulator += other;

    public void Retract(ref long accumulator, in long other) => accumulator -= other;

    public long GetResult(in long accumulator) => accumulator;
}

/// <summary>The bids of the highest price.</summary>
internal static class HighestBidsOf
{
    public static void Add(ref BidRow[] highest, BidRow bid)
    {
        if (highest.Length == 0 || bid.Price > highest[0].Price)
        {
            highest = [bid];
        }
        else if (bid.Price == highest[0].Price)
        {
            highest = [.. highest, bid];
        }
    }

    public static void Merge(ref BidRow[] highest, BidRow[] other)
    {
        foreach (var bid in other)
        {
            Add(ref highest, bid);
        }
    }
}

/// <summary>The highest bids of a part of the auctions. The array is replaced, never changed.</summary>
internal sealed class HighestOfPart : IAggregateFunction<BidRow, BidRow[], BidRow[]>
{
    public BidRow[] CreateAccumulator() => [];

    public void Add(ref BidRow[] accumulator, BidRow record) => HighestBidsOf.Add(ref accumulator, record);

    public void Merge(ref BidRow[] accumulator, in BidRow[] other) => HighestBidsOf.Merge(ref accumulator, other);

    public BidRow[] GetResult(in BidRow[] accumulator) => accumulator;
}

/// <summary>The highest of the parts.</summary>
internal sealed class HighestOfParts : IAggregateFunction<BidRow[], BidRow[], BidRow[]>
{
    public BidRow[] CreateAccumulator() => [];

    public void Add(ref BidRow[] accumulator, BidRow[] record) => HighestBidsOf.Merge(ref accumulator, record);

    public void Merge(ref BidRow[] accumulator, in BidRow[] other) => HighestBidsOf.Merge(ref accumulator, other);

    public BidRow[] GetResult(in BidRow[] accumulator) => accumulator;
}

/// <summary>Whether someone came, under which name, and sold.</summary>
internal readonly record struct Presence(string? Name, bool HasSold);

/// <summary>Brings a person and the auctions of the same seller together.</summary>
internal sealed class PresenceAggregate : IAggregateFunction<NexmarkEvent, Presence, Presence>
{
    public Presence CreateAccumulator() => default;

    public void Add(ref Presence accumulator, NexmarkEvent record) => accumulator = record.Kind == NexmarkKind.Auction
        ? accumulator with { HasSold = true }
        : accumulator with { Name = record.Url[..record.Url.IndexOf('\t')] };

    public void Merge(ref Presence accumulator, in Presence other)
        => accumulator = new Presence(other.Name ?? accumulator.Name, accumulator.HasSold || other.HasSold);

    public Presence GetResult(in Presence accumulator) => accumulator;
}
