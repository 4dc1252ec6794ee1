using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.DeltaLog.Checkpoints;

/// <summary>
/// What the adds of a table's checkpoints hold (table properties <c>delta.checkpoint.writeStatsAsJson</c> and <c>writeStatsAsStruct</c>).
/// </summary>
/// <param name="StatsAsJson">Whether statistics are kept as text.</param>
/// <param name="Statistics">The typed columns of statistics, null where they are not wanted.</param>
/// <param name="Partitions">The typed columns of partition values, null likewise.</param>
internal sealed record CheckpointShape(bool StatsAsJson, StatisticsColumns? Statistics, IReadOnlyList<StructField>? Partitions)
{
    public static CheckpointShape Of(Metadata metadata, StructType schema)
    {
        if (!TableProperties.CheckpointStatsAsStruct(metadata))
        {
            return new CheckpointShape(TableProperties.CheckpointStatsAsJson(metadata), null, null);
        }

        StructField[] partitions = [.. metadata.PartitionColumns.Select(c => schema[c])];
        var data = new StructType([.. schema.Fields.Where(f => !metadata.PartitionColumns.Contains(f.Name))]);
        return new CheckpointShape(
            TableProperties.CheckpointStatsAsJson(metadata),
            new StatisticsColumns(data, TableProperties.IndexedColumns(metadata), TableProperties.StatsColumns(metadata)),
            partitions.Length > 0 ? partitions : null);
    }
}
