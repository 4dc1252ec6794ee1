namespace DataPlatform.Streaming.Time;

/// <summary>Which clock a timer goes by.</summary>
public enum TimeDomain
{
    /// <summary>The watermark.</summary>
    EventTime,

    /// <summary>The job's clock.</summary>
    ProcessingTime,
}
