namespace DataPlatform.Samples.FlightDelays.Domain;

/// <summary>A flight that the arrivals service has recorded.</summary>
/// <param name="Id">The service's own number, 1 and up in order of recording.</param>
/// <param name="Flight">The flight.</param>
public readonly record struct Arrival(long Id, Flight Flight);
