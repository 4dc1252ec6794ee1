using DataPlatform.Streaming.Operators;

namespace DataPlatform.Samples.FlightDelays.Domain;

/// <summary>Adds arrivals to the delays of their hour.</summary>
public sealed class DelayAggregate : IAggregateFunction<Arrival, DelayHistogram, DelayHistogram>
{
    /// <inheritdoc/>
    public DelayHistogram CreateAccumulator() => new();

    /// <inheritdoc/>
    public void Add(ref DelayHistogram accumulator, Arrival record) => accumulator.Add(record.Flight.DelayMinutes);

    /// <inheritdoc/>
    public void Merge(ref DelayHistogram accumulator, in DelayHistogram other)
    {
        foreach (var (minutes, count) in other.Entries)
        {
            accumulator.Add(minutes, count);
        }
    }

    /// <inheritdoc/>
    public DelayHistogram GetResult(in DelayHistogram accumulator) => accumulator;
}
