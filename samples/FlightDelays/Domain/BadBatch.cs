namespace DataPlatform.Samples.FlightDelays.Domain;

/// <summary>What <c>--break</c> injects: a feed gone wrong, with destinations that no airport has and delays that no flight had.</summary>
public static class BadBatch
{
    private const int Rows = 500;
    private const int DelayMinutes = 30_000;

    /// <summary>The batch, to be recorded after the last real arrival.</summary>
    /// <param name="lastArrivalMs">When that was, Unix milliseconds.</param>
    public static IReadOnlyList<Flight> After(long lastArrivalMs)
        => [.. Enumerable.Range(1, Rows).Select(i => new Flight("ATL", "Q?Q", DelayMinutes, 500, lastArrivalMs + i, lastArrivalMs + i + 6_000_000))];
}
