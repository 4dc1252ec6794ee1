using Microsoft.Extensions.Logging;

namespace DataPlatform.Lakehouse.Diagnostics;

/// <summary>The engine's log messages; event ids 2000 to 2999.</summary>
internal static partial class LakehouseLog
{
    [LoggerMessage(EventId = 2001, Level = LogLevel.Debug, Message = "Committed version {Version} ({Operation}, {Actions} actions) after {Lost} lost races")]
    public static partial void Committed(this ILogger logger, long version, string operation, int actions, int lost);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Warning, Message = "Version {Version} is committed, but its log checkpoint could not be written")]
    public static partial void CheckpointFailed(this ILogger logger, Exception exception, long version);

    [LoggerMessage(EventId = 2003, Level = LogLevel.Information, Message = "Clean-up removed {Files} files ({Bytes} bytes)")]
    public static partial void CleanedUp(this ILogger logger, int files, long bytes);

    [LoggerMessage(EventId = 2004, Level = LogLevel.Information, Message = "Compaction of {Groups} groups of files was given up: {Reason}")]
    public static partial void CompactionLost(this ILogger logger, int groups, string reason);

    [LoggerMessage(EventId = 2010, Level = LogLevel.Warning, Message = "Version {Version} does not sum up to its checksum: {Differences}")]
    public static partial void ChecksumDiffers(this ILogger logger, long version, string differences);
}
