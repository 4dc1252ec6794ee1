using ParquetSharp;

namespace DataPlatform.Lakehouse.DataFiles;

/// <summary>How every Parquet file of a table is written.</summary>
internal static class ParquetProperties
{
    /// <summary>Rows in one row group at most.</summary>
    public const int RowGroupRows = 1_000_000;

    public static WriterProperties ForDataFiles()
    {
        using var builder = new WriterPropertiesBuilder();
        return builder.Compression(Compression.Zstd).CompressionLevel(1).EnableWritePageIndex().EnableStoreDecimalAsInteger()
            .MaxRowGroupLength(RowGroupRows).Build();
    }

    public static WriterProperties ForCheckpoints()
    {
        using var builder = new WriterPropertiesBuilder();
        return builder.Compression(Compression.Zstd).CompressionLevel(1).Build();
    }
}
