namespace DataPlatform.Quality.Alerts;

/// <summary>How fast a channel may send, all who send to it taken together.</summary>
/// <param name="Burst">Messages in one go at most, at least 1.</param>
/// <param name="RefillEvery">How long until one more may be sent, above zero.</param>
public readonly record struct ChannelRate(int Burst, TimeSpan RefillEvery);
