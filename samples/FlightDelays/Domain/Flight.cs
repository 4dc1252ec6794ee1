namespace DataPlatform.Samples.FlightDelays.Domain;

/// <summary>One flight as the input file has it, with the instants that the model derives.</summary>
/// <param name="Origin">IATA code.</param>
/// <param name="Destination">IATA code.</param>
/// <param name="DelayMinutes">Arrival delay; negative when early.</param>
/// <param name="DistanceMiles">Great-circle distance.</param>
/// <param name="DepartureMs">Actual departure, Unix milliseconds UTC.</param>
/// <param name="ArrivalMs">Modelled arrival, Unix milliseconds UTC.</param>
public readonly record struct Flight(string Origin, string Destination, int DelayMinutes, int DistanceMiles, long DepartureMs, long ArrivalMs)
{
    /// <summary>When it should have arrived, Unix milliseconds UTC: the arrival less the delay. This is the event time.</summary>
    public long ScheduledMs => ArrivalMs - (DelayMinutes * 60_000L);
}
