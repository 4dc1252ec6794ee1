using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace DataPlatform.Lakehouse.Diagnostics;

/// <summary>The engine's activities and instruments, under the name <c>DataPlatform.Lakehouse</c>.</summary>
internal static class LakehouseTelemetry
{
    public const string Name = "DataPlatform.Lakehouse";
    private static readonly Meter Meter = new(Name);

    public static readonly ActivitySource Activities = new(Name);
    public static readonly Histogram<double> CommitDuration = Meter.CreateHistogram<double>("lakehouse.commit.duration", unit: "s");
    public static readonly Counter<long> CommitConflicts = Meter.CreateCounter<long>("lakehouse.commit.conflicts");
    public static readonly Counter<long> BytesWritten = Meter.CreateCounter<long>("lakehouse.datafiles.written", unit: "By");
}
