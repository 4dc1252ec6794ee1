using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;

namespace DataPlatform.Benchmarks.Streaming;

/// <summary>The stateless queries on Akka.Streams, a peer on this runtime.</summary>
internal static class NexmarkPeers
{
    public static async Task<long?> RunAsync(string query, NexmarkEvent[] block, long events)
    {
        using var system = ActorSystem.Create("nexmark", "akka.loglevel = OFF");
        using var materializer = system.Materializer();
        var bids = Source.From(Replay(block, events)).Where(static e => e.Kind == NexmarkKind.Bid);
        var results = query switch
        {
            "q0" => bids,
            "q1" => bids.Select(static b => b with { Price = b.Price * 908 / 1000 }),
            "q2" => bids.Where(static b => b.Auction % 123 == 0),
            _ => null,
        };
        return results is null ? null : await results.RunAggregate(0L, static (count, _) => count + 1, materializer);
    }

    private static IEnumerable<NexmarkEvent> Replay(NexmarkEvent[] block, long events)
    {
        for (long n = 0; n < events; n++)
        {
            yield return block[n % block.Length];
        }
    }
}
