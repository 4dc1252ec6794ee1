using Apache.Arrow;

namespace DataPlatform.Lakehouse.DataFiles;

/// <summary>How many bytes Arrow data holds, for deciding when a row group is full.</summary>
internal static class ArrowSize
{
    public static long Of(RecordBatch batch)
    {
        long bytes = 0;
        for (var i = 0; i < batch.ColumnCount; i++)
        {
            bytes += Of(batch.Column(i).Data);
        }

        return bytes;
    }

    private static long Of(ArrayData data)
        => data.Buffers.Sum(b => (long)b.Length) + (data.Children?.Sum(Of) ?? 0) + (data.Dictionary is { } dictionary ? Of(dictionary) : 0);
}
