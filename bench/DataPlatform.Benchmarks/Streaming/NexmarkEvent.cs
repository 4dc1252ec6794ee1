namespace DataPlatform.Benchmarks.Streaming;

/// <summary>What a Nexmark event is about.</summary>
internal enum NexmarkKind : byte
{
    Person,
    Auction,
    Bid,
}

/// <summary>An event of the auction house, of any kind: the fields mean what fits the kind, and texts are as long as Nexmark's.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Category">An auction's category, 10 to 14; 0 for others.</param>
/// <param name="Auction">The auction's id; 0 for a person.</param>
/// <param name="Bidder">The person's id: the person, the seller, or the bidder.</param>
/// <param name="Price">A bid's price in cents; for an auction how long it runs, in milliseconds.</param>
/// <param name="Channel">Where a bid came from; a person's state; empty for an auction.</param>
/// <param name="Url">A bid's page; a person's name, city and rest, parted by tabs; an auction's item and description.</param>
internal readonly record struct NexmarkEvent(NexmarkKind Kind, int Category, long Auction, long Bidder, long Price, string Channel, string Url);
