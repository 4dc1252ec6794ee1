using DataPlatform.Samples.FlightDelays.Domain;

namespace DataPlatform.Samples.FlightDelays.Api;

/// <summary>Plays the part of the airports: records flights in order of arrival, from where the service stands.</summary>
/// <param name="service">The service.</param>
/// <param name="time">The clock of a replay at a factor of real time.</param>
/// <param name="speed">Replayed time per real time; null for as fast as possible.</param>
public sealed class ArrivalsReplay(ArrivalsService service, TimeProvider time, double? speed)
{
    private const int BatchMax = 1000;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    /// <summary>Records every flight that the service has not recorded yet, then says that there are no more.</summary>
    public async Task RunAsync(IReadOnlyList<Flight> flights, CancellationToken cancellationToken)
    {
        // Off the caller's thread: recording is synchronous work against a local database.
        await Task.Yield();
        var next = (int)service.Recorded;
        var started = time.GetTimestamp();
        var firstMs = next < flights.Count ? flights[next].ArrivalMs : 0;
        while (next < flights.Count)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Due(flights, next, firstMs, time.GetElapsedTime(started));
            if (count == 0)
            {
                await Task.Delay(Tick, time, cancellationToken);
                continue;
            }

            await service.RecordAsync(flights.Skip(next).Take(count), cancellationToken);
            next += count;
        }

        await service.CloseAsync(cancellationToken);
    }

    private int Due(IReadOnlyList<Flight> flights, int next, long firstMs, TimeSpan elapsed)
    {
        var untilMs = speed is { } factor ? firstMs + (elapsed.TotalMilliseconds * factor) : double.MaxValue;
        var end = next;
        while (end < flights.Count && end - next < BatchMax && flights[end].ArrivalMs <= untilMs)
        {
            end++;
        }

        return end - next;
    }
}
