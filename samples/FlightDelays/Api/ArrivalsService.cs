using DataPlatform.Samples.FlightDelays.Domain;
using DataPlatform.Samples.FlightDelays.Events;
using DataPlatform.Samples.FlightDelays.Storage;
using DataPlatform.Streaming.Cdc;
using DataPlatform.Streaming.Sources;

namespace DataPlatform.Samples.FlightDelays.Api;

/// <summary>Records arrivals, and tells of each through the outbox.</summary>
/// <remarks>One caller at a time; the properties may be read from anywhere.</remarks>
public sealed class ArrivalsService : IAsyncDisposable
{
    private const int Splits = 4;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);
    private readonly ArrivalsDatabase _database;
    private readonly OutboxSignal _recordedMore = new();
    private long _recorded;
    private long _newestArrivalMs;
    private long _newestScheduledMs;

    private ArrivalsService(ArrivalsDatabase database, ArrivalsState state)
    {
        _database = database;
        (_recorded, _newestArrivalMs, _newestScheduledMs) = (state.Recorded, state.NewestArrivalMs, state.NewestScheduledMs);
    }

    /// <summary>How many arrivals have been recorded.</summary>
    public long Recorded => Volatile.Read(ref _recorded);

    /// <summary>When the newest one arrived, Unix milliseconds; null before the first.</summary>
    public long? NewestArrivalMs => Recorded > 0 ? Volatile.Read(ref _newestArrivalMs) : null;

    /// <summary>The newest event time (scheduled arrival) recorded, Unix milliseconds; null before the first.</summary>
    public long? NewestScheduledMs => Recorded > 0 ? Volatile.Read(ref _newestScheduledMs) : null;

    /// <summary>Opens the service over its database, as an earlier run left it.</summary>
    /// <exception cref="SampleException">The file is no database of this service.</exception>
    public static async Task<ArrivalsService> OpenAsync(string path, CancellationToken cancellationToken)
    {
        var database = await ArrivalsDatabase.OpenAsync(path, cancellationToken);
        return new ArrivalsService(database, await database.ReadStateAsync(cancellationToken));
    }

    /// <summary>Records arrivals: each with its outbox row, all in one transaction.</summary>
    public async Task RecordAsync(IEnumerable<Flight> flights, CancellationToken cancellationToken)
    {
        var id = _recorded;
        var (arrivalMs, scheduledMs) = (_newestArrivalMs, _newestScheduledMs);
        await using (var unit = _database.Begin())
        {
            foreach (var flight in flights)
            {
                unit.Add(new Arrival(++id, flight), SplitOf(flight.Destination));
                arrivalMs = flight.ArrivalMs;
                scheduledMs = Math.Max(scheduledMs, flight.ScheduledMs);
            }

            await unit.CommitAsync(cancellationToken);
        }

        Volatile.Write(ref _newestArrivalMs, arrivalMs);
        Volatile.Write(ref _newestScheduledMs, scheduledMs);
        Volatile.Write(ref _recorded, id);
        _recordedMore.Set();
    }

    /// <summary>Says that no more arrivals will come. Saying it again changes nothing.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        await _database.CloseOutboxAsync(cancellationToken);
        _recordedMore.Set();
    }

    /// <summary>The arrivals as a replayable stream, in splits by destination.</summary>
    public ISource<Arrival> CreateSource() => new OutboxSource<Arrival>(_database.Connect, Splits, ArrivalEvent.Read, _recordedMore, PollInterval);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _database.DisposeAsync();

    /// <summary>All arrivals at one airport are in one split, so that their order is that of recording.</summary>
    private static int SplitOf(string destination)
    {
        var hash = 17;
        foreach (var letter in destination)
        {
            hash = unchecked((hash * 31) + letter);
        }

        return (int)((uint)hash % Splits);
    }
}
