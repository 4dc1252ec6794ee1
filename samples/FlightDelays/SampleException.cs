namespace DataPlatform.Samples.FlightDelays;

/// <summary>The sample cannot go on, for a reason that its user can mend.</summary>
/// <param name="message">What is wrong and what to do.</param>
/// <param name="innerException">The cause.</param>
public sealed class SampleException(string message, Exception? innerException = null) : Exception(message, innerException);
