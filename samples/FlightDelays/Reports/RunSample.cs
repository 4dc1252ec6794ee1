namespace DataPlatform.Samples.FlightDelays.Reports;

/// <summary>What the pipeline looked like at one instant of the run.</summary>
/// <param name="ElapsedSeconds">Since the run began.</param>
/// <param name="RecordedTotal">Arrivals that the service has recorded.</param>
/// <param name="StreamedTotal">Arrivals that the stream has read.</param>
/// <param name="WatermarkMs">The lowest watermark of the window operator, Unix milliseconds; null before the first.</param>
/// <param name="EventTimeMs">The newest event time that the service has recorded, Unix milliseconds; null before the first.</param>
/// <param name="LateTotal">Late records.</param>
/// <param name="CheckpointId">The newest completed checkpoint.</param>
public readonly record struct RunSample(
    double ElapsedSeconds, long RecordedTotal, long StreamedTotal, long? WatermarkMs, long? EventTimeMs, long LateTotal, long CheckpointId)
{
    /// <summary>How far the watermark is behind the newest event, minutes of event time.</summary>
    public double? WatermarkLagMinutes => WatermarkMs is { } watermark && EventTimeMs is { } newest ? (newest - watermark) / 60_000.0 : null;
}
