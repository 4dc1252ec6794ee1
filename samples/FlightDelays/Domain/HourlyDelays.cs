namespace DataPlatform.Samples.FlightDelays.Domain;

/// <summary>What the stream says of one airport and one hour of scheduled arrivals.</summary>
/// <param name="Airport">IATA code of the destination.</param>
/// <param name="WindowStartMs">The hour's start, Unix milliseconds UTC.</param>
/// <param name="WindowEndMs">Its end, exclusive.</param>
/// <param name="Flights">Arrivals counted.</param>
/// <param name="DelaySumMinutes">Sum of their delays.</param>
/// <param name="DelayP95Minutes">The delay that 95 % do not exceed.</param>
/// <param name="DelayMaxMinutes">The largest delay.</param>
public readonly record struct HourlyDelays(
    string Airport, long WindowStartMs, long WindowEndMs, long Flights, long DelaySumMinutes, int DelayP95Minutes, int DelayMaxMinutes)
{
    /// <summary>Mean delay, minutes.</summary>
    public double DelayMeanMinutes => (double)DelaySumMinutes / Flights;
}
