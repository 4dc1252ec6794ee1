using System.Globalization;

namespace DataPlatform.Benchmarks.Streaming;

/// <summary>
/// Nexmark's mix of events (1 person, 3 auctions, 46 bids), its sizes (200, 500 and 100 bytes), its skew (half of the bids go to a hot auction,
/// three quarters come from a hot bidder, three quarters of the auctions from a hot seller, half of the channels are four hot ones) and its rate
/// in event time. A block is made before the clock starts and replayed with later times, so that making events is not what is measured.
/// </summary>
internal sealed class NexmarkGenerator
{
    /// <summary>Whole rounds of the mix and whole milliseconds.</summary>
    public const int BlockEventsDefault = 1_000_000;
    public const int EventsPerSecond = 10_000;
    private const int Round = 50;
    private const int FirstId = 1_000;
    private const int InFlightAuctions = 100;
    private const int ActivePeople = 1_000;
    private const int HotEvery = 100;
    private const int ColdChannels = 10_000;
    private const int Urls = 10_000;
    private static readonly string[] HotChannels = ["Google", "Facebook", "Baidu", "Apple"];
    private static readonly string[] States = ["AZ", "CA", "ID", "OR", "WA", "WY"];
    private static readonly string[] Cities = ["Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland", "Bend", "Redmond", "Seattle", "Kent", "Cheyenne"];

    private readonly Random _random;
    private readonly string[] _channels;
    private readonly string[] _urls;

    public NexmarkGenerator(int seed, int blockEvents = BlockEventsDefault)
    {
        _random = new Random(seed);
        _channels = [.. Enumerable.Range(0, ColdChannels).Select(static i => $"channel-{i.ToString(CultureInfo.InvariantCulture)}")];
        _urls = [.. Enumerable.Range(0, Urls).Select(_ => MakeUrl())];
        Events = new NexmarkEvent[blockEvents];
        TimesMs = new long[blockEvents];
        for (var i = 0; i < blockEvents; i++)
        {
            Events[i] = Next(i);
            TimesMs[i] = TimeMs(i);
        }
    }

    public NexmarkEvent[] Events { get; }

    /// <summary>The event times of the first block.</summary>
    public long[] TimesMs { get; }

    /// <summary>How much later a block is than the one before.</summary>
    public long BlockMs => Events.LongLength * 1_000 / EventsPerSecond;

    /// <summary>The event time of the n-th event.</summary>
    public static long TimeMs(long n) => n * 1_000 / EventsPerSecond;

    private NexmarkEvent Next(int n)
    {
        var person = n / Round;
        var rest = n % Round;
        return rest switch
        {
            0 => Person(person),
            <= 3 => Auction(person, (person * 3) + rest - 1),
            _ => Bid(person, (person * 3) + 2),
        };
    }

    private NexmarkEvent Person(int person)
    {
        var name = $"{Text(6)} {Text(8)}";
        var city = Cities[_random.Next(Cities.Length)];
        return new NexmarkEvent(NexmarkKind.Person, 0, 0, FirstId + person, 0, States[_random.Next(States.Length)], $"{name}\t{city}\t{Text(150)}");
    }

    private NexmarkEvent Auction(int person, int auction)
    {
        var seller = _random.Next(4) > 0 ? person / HotEvery * HotEvery : Math.Max(0, person - _random.Next(ActivePeople));
        var lifeMs = _random.Next(1, 2 * InFlightAuctions * Round / 3 * 1_000 / EventsPerSecond);
        return new NexmarkEvent(NexmarkKind.Auction, 10 + _random.Next(5), FirstId + auction, FirstId + seller, lifeMs, string.Empty, Text(450));
    }

    private NexmarkEvent Bid(int person, int lastAuction)
    {
        var auction = _random.Next(2) == 0 ? lastAuction / HotEvery * HotEvery : Math.Max(0, lastAuction - _random.Next(InFlightAuctions));
        var bidder = _random.Next(4) > 0 ? Math.Min(person, (person / HotEvery * HotEvery) + 1) : Math.Max(0, person - _random.Next(ActivePeople));
        var price = (long)Math.Round(Math.Pow(10, _random.NextDouble() * 6) * 100);
        var channel = _random.Next(2) == 0 ? HotChannels[_random.Next(HotChannels.Length)] : _channels[_random.Next(_channels.Length)];
        return new NexmarkEvent(NexmarkKind.Bid, 0, FirstId + auction, FirstId + bidder, price, channel, _urls[_random.Next(_urls.Length)]);
    }

    private string MakeUrl()
    {
        var page = $"https://www.nexmark.com/{Text(4)}/{Text(4)}/{Text(4)}/item.htm?query=1";
        return _random.Next(10) == 0 ? page : $"{page}&channel_id={_random.Next(1 << 20).ToString(CultureInfo.InvariantCulture)}";
    }

    private string Text(int length) => string.Create(length, _random, static (span, random) =>
    {
        foreach (ref var letter in span)
        {
            letter = (char)('a' + random.Next(26));
        }
    });
}
