using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Expressions;
using DataPlatform.Lakehouse.Scans.Skipping;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Lakehouse.Scans;

/// <summary>Reads one file's bounds from its partition values and statistics, and leaves unknown what they do not prove.</summary>
internal sealed class FileBounds(Snapshot snapshot)
{
    /// <summary>The bounds of columns in one file; the statistics are read when the first is asked for.</summary>
    public Func<string, Bounds> Of(AddFile file)
    {
        var statistics = StatisticsText.Of(file.Stats);
        return name => StatisticsColumn.Find(snapshot.Schema, snapshot.PartitionColumns, name) switch
        {
            null => Bounds.Unknown,
            { Partition: { } partition } => Bounds.Exactly(PartitionValue(file, partition)),
            var column => statistics(column),
        };
    }

    private static object? PartitionValue(AddFile file, StructField partition)
        => ArrowValues.Of(PartitionColumn.Of(partition, file.PartitionValues.GetValueOrDefault(ColumnMapping.PhysicalName(partition)), 1), 0);
}
