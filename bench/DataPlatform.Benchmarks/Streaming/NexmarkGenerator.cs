namespace DataPlatform.Benchmarks.Streaming;

/// <summary>
/// Nexmark's mix of events (1 person, 3 auctions, 46 bids), its skew (half of the bids go to a hot auction, three quarters come from a hot
/// bidder) and its rate in event time. A block is made before the clock starts and replayed with later times, so that making events is not
/// what is measured.
/// </summary>
internal sealed class NexmarkGenerator
{
    public const int BlockEvents = 1 << 18;
    public const int EventsPerSecond = 10_000;
    private const int Proportion = 50;
    private const int InFlightAuctions = 100;
    private const int ActivePeople = 1_000;
    private static readonly string[] Channels = ["Google", "Facebook", "Baidu", "Apple", "channel-17", "channel-42", "channel-99"];

    public NexmarkGenerator(int seed)
    {
        var random = new Random(seed);
        var urls = Enumerable.Range(0, 1_000).Select(i => $"https://www.nexmark.com/item/{i % 10}/offer/{random.NextInt64():x}?channel_id={random.Next(1 << 20)}").ToArray();
        Events = new NexmarkEvent[BlockEvents];
        for (var i = 0; i < BlockEvents; i++)
        {
            Events[i] = Next(random, i, urls);
        }
    }

    public NexmarkEvent[] Events { get; }

    /// <summary>The event time of the n-th event.</summary>
    public static long TimeMs(long n) => n * 1_000 / EventsPerSecond;

    private static NexmarkEvent Next(Random random, int n, string[] urls)
    {
        long people = (n / Proportion) + 1;
        var auctions = people * 3;
        var seller = Math.Max(0, people - 1 - random.Next(ActivePeople));
        switch (n % Proportion)
        {
            case 0:
                return new NexmarkEvent(NexmarkKind.Person, 0, people, 0, string.Empty, urls[n % urls.Length]);
            case <= 3:
                return new NexmarkEvent(NexmarkKind.Auction, auctions - 1, seller, random.Next(100, 10_000), string.Empty, urls[n % urls.Length]);
            default:
                var auction = random.Next(2) == 0 ? auctions / 100 * 100 : Math.Max(0, auctions - 1 - random.Next(InFlightAuctions));
                var bidder = random.Next(4) > 0 ? (people / 100 * 100) + 1 : seller;
                return new NexmarkEvent(NexmarkKind.Bid, auction, bidder, random.Next(100, 1_000_000), Channels[random.Next(Channels.Length)], urls[random.Next(urls.Length)]);
        }
    }
}
