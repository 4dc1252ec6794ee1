using System.Globalization;
using System.Text.RegularExpressions;
using DataPlatform.Benchmarks.Streaming;

namespace DataPlatform.Streaming.Tests.Nexmark;

/// <summary>What the published queries say, computed over the whole input at once, in the plainest way, without any of the queries' code.</summary>
internal static class NexmarkModel
{
    private const long TenMs = 10_000;

    internal readonly record struct Timed(NexmarkEvent E, long Ms);

    public static IEnumerable<string> Run(string query, IReadOnlyList<Timed> events)
    {
        var bids = events.Where(static t => t.E.Kind == NexmarkKind.Bid).ToList();
        return query switch
        {
            "q0" => bids.Select(static b => $"{b.E}"),
            "q1" => bids.Select(static b => $"{new PricedBid(b.E.Auction, b.E.Bidder, b.E.Price * 908 / 1000, b.E.Url)}"),
            "q2" => bids.Where(static b => b.E.Auction % 123 == 0).Select(static b => $"{new AuctionPrice(b.E.Auction, b.E.Price)}"),
            "q3" => LocalSellers(events),
            "q4" => Averages(events),
            "q5" => HotItems(bids),
            "q7" => bids.GroupBy(static b => b.Ms / TenMs)
                .SelectMany(static w => w.Where(b => b.E.Price == w.Max(static x => x.E.Price))).Select(static b => $"{Row(b)}"),
            "q8" => NewSellers(events),
            "q9" => Winning(events).Select(static w => $"{w}"),
            "q11" => Sessions(bids),
            "q12" => bids.GroupBy(static b => b.E.Bidder).Select(static g => $"{g.Key} {g.Count()}"),
            "q14" => bids.Where(static b => b.E.Price * 908 / 1000 is > 1_000_000 and < 50_000_000).Select(static b => $"{InTermsOfDay(b)}"),
            "q15" => Statistics(bids, static _ => string.Empty),
            "q16" => Statistics(bids, static b => b.E.Channel),
            "q17" => Running(bids, static b => b.E.Auction).Select(static r => $"{AuctionDay(r.Last(), r)}"),
            "q18" => bids.Select(static b => $"{Row(b)}"),
            "q19" => Running(bids, static b => b.E.Auction).Where(static r => r.SkipLast(1).Count(b => b.E.Price >= r[^1].E.Price) < 10).Select(static r => $"{Row(r[^1])}"),
            "q21" => bids.Select(Channel).OfType<string>(),
            "q22" => bids.Select(static b => (B: b.E, Parts: b.E.Url.Split('/'))).Select(static x => $"{new DirectoryBid(x.B.Auction, x.B.Bidder, x.B.Price, x.B.Channel, x.Parts[3], x.Parts[4], x.Parts[5])}"),
            _ => throw new ArgumentOutOfRangeException(nameof(query), query, "There is no such query."),
        };
    }

    private static BidRow Row(Timed bid) => new(bid.E.Auction, bid.E.Bidder, bid.E.Price, bid.Ms);

    /// <summary>For each record, those of its key up to it.</summary>
    private static IEnumerable<List<Timed>> Running(List<Timed> bids, Func<Timed, object> keyOf)
        => bids.GroupBy(keyOf).SelectMany(static g => g.Select((_, i) => g.Take(i + 1).ToList()));

    private static IEnumerable<string> LocalSellers(IReadOnlyList<Timed> events) =>
        from a in events
        where a.E is { Kind: NexmarkKind.Auction, Category: 10 }
        join p in events.Where(static t => t.E.Kind == NexmarkKind.Person && t.E.Channel is "OR" or "ID" or "CA") on a.E.Bidder equals p.E.Bidder
        let parts = p.E.Url.Split('\t')
        select $"{new LocalSeller(parts[0], parts[1], p.E.Channel, a.E.Auction)}";

    private static List<WinningBid> Winning(IReadOnlyList<Timed> events) =>
    [..
        from a in events
        where a.E.Kind == NexmarkKind.Auction
        let best = events.Where(b => b.E.Kind == NexmarkKind.Bid && b.E.Auction == a.E.Auction && b.Ms >= a.Ms && b.Ms <= a.Ms + a.E.Price)
            .OrderByDescending(static b => b.E.Price).ThenBy(static b => b.Ms).Cast<Timed?>().FirstOrDefault()
        where best is not null
        select new WinningBid(a.E.Auction, a.E.Category, a.E.Bidder, best.Value.E.Bidder, best.Value.E.Price, best.Value.Ms)];

    /// <summary>Which average comes first depends on which auction ends first, so only the last of each category is compared.</summary>
    private static IEnumerable<string> Averages(IReadOnlyList<Timed> events) => Winning(events).GroupBy(static w => w.Category)
        .Select(static g => $"{new CategoryAverage(g.Key, g.Sum(static w => w.Price), g.Count())}");

    private static IEnumerable<string> HotItems(List<Timed> bids)
    {
        var windows = bids.SelectMany(static b => Enumerable.Range(0, 5).Select(i => ((b.Ms / 2000) - i) * 2000).Select(start => (start, b.E.Auction)))
            .GroupBy(static x => x).Select(static g => new CountInWindow(g.Key.Auction, g.Key.start, g.Key.start + TenMs, g.Count()));
        return windows.GroupBy(static w => w.StartMs).SelectMany(static g => g.Where(w => w.Count == g.Max(static x => x.Count))).Select(static w => $"{w}");
    }

    private static IEnumerable<string> NewSellers(IReadOnlyList<Timed> events) =>
        from p in events
        where p.E.Kind == NexmarkKind.Person && events.Any(a => a.E.Kind == NexmarkKind.Auction && a.E.Bidder == p.E.Bidder && a.Ms / TenMs == p.Ms / TenMs)
        select $"{new NewSeller(p.E.Bidder, p.E.Url.Split('\t')[0], p.Ms / TenMs * TenMs)}";

    private static IEnumerable<string> Sessions(List<Timed> bids)
    {
        foreach (var bidder in bids.GroupBy(static b => b.E.Bidder))
        {
            List<long> open = [];
            foreach (var ms in bidder.Select(static b => b.Ms).Order().Append(long.MaxValue))
            {
                if (open.Count > 0 && ms > open[^1] + TenMs)
                {
                    yield return $"{new CountInWindow(bidder.Key, open[0], open[^1] + TenMs, open.Count)}";
                    open.Clear();
                }

                open.Add(ms);
            }
        }
    }

    private static TimedBid InTermsOfDay(Timed bid)
    {
        var hour = DateTimeOffset.FromUnixTimeMilliseconds(bid.Ms).Hour;
        var text = hour >= 8 && hour <= 18 ? "dayTime" : hour <= 6 || hour >= 20 ? "nightTime" : "otherTime";
        return new TimedBid(bid.E.Auction, bid.E.Bidder, bid.E.Price * 908 / 1000, text, bid.Ms, bid.E.Url.Count(static c => c == 'c'));
    }

    private static IEnumerable<string> Statistics(List<Timed> bids, Func<Timed, string> channelOf) => Running(bids, b => (channelOf(b), b.Ms / 86_400_000))
        .Select(r => $"{new DayStatistics(channelOf(r[0]), r[0].Ms / 86_400_000, r.Count, Rank(r, static g => g.Count()), Different(r, static b => b.E.Bidder), Rank(r, static g => Different(g, static b => b.E.Bidder)), Different(r, static b => b.E.Auction), Rank(r, static g => Different(g, static b => b.E.Auction)))}");

    private static int Different(IEnumerable<Timed> bids, Func<Timed, long> idOf) => bids.Select(idOf).Distinct().Count();

    private static Ranks Rank(List<Timed> bids, Func<IEnumerable<Timed>, int> count) => new(
        count(bids.Where(static b => b.E.Price < 10_000)),
        count(bids.Where(static b => b.E.Price is >= 10_000 and < 1_000_000)),
        count(bids.Where(static b => b.E.Price >= 1_000_000)));

    private static AuctionDay AuctionDay(Timed last, List<Timed> bids) => new(
        last.E.Auction, last.Ms / 86_400_000, bids.Count, Rank(bids, static g => g.Count()), bids.Min(static b => b.E.Price), bids.Max(static b => b.E.Price), bids.Sum(static b => b.E.Price));

    private static string? Channel(Timed bid)
    {
        var found = Regex.Match(bid.E.Url, "(&|^)channel_id=([^&]*)", RegexOptions.None, TimeSpan.FromSeconds(10));
        var id = bid.E.Channel.ToLower(CultureInfo.InvariantCulture) switch
        {
            "apple" => "0",
            "google" => "1",
            "facebook" => "2",
            "baidu" => "3",
            _ => found.Success ? found.Groups[2].Value : null,
        };
        return id is null ? null : $"{new ChannelBid(bid.E.Auction, bid.E.Bidder, bid.E.Price, bid.E.Channel, id)}";
    }
}
