namespace DataPlatform.Benchmarks.Streaming;

/// <summary>What a Nexmark event is about.</summary>
internal enum NexmarkKind : byte
{
    Person,
    Auction,
    Bid,
}

/// <summary>An event of the auction house. A person and an auction use the fields of a bid that fit; their texts are as long as Nexmark's.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Auction">The auction's id.</param>
/// <param name="Bidder">The person's id: bidder or seller.</param>
/// <param name="Price">The price in cents.</param>
/// <param name="Channel">Where a bid came from.</param>
/// <param name="Url">Its page.</param>
internal readonly record struct NexmarkEvent(NexmarkKind Kind, long Auction, long Bidder, long Price, string Channel, string Url);
