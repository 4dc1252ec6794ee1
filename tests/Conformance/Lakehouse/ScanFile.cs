using Apache.Arrow;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Conformance.Lakehouse;

/// <summary>The rows of a scan in a Parquet file, so that DuckDB can be asked about them in the same words as about a view.</summary>
internal sealed class ScanFile : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"golden-{Guid.NewGuid():N}.parquet");
    private bool _written;

    // Without statistics DuckDB must look at the values: a zero's minimum in statistics is -0.0, as Parquet asks.
    private static ParquetSharp.WriterProperties WithoutStatistics()
    {
        using var builder = new ParquetSharp.WriterPropertiesBuilder();
        return builder.DisableStatistics().Build();
    }

    public async Task WriteAsync(IAsyncEnumerable<RecordBatch> batches)
    {
        using var properties = WithoutStatistics();
        ParquetSharp.Arrow.FileWriter? writer = null;
        await foreach (var batch in batches)
        {
            writer ??= new ParquetSharp.Arrow.FileWriter(_path, batch.Schema, properties);
            writer.WriteRecordBatch(batch);
            _written = true;
        }

        writer?.Close();
        writer?.Dispose();
    }

    public async Task RegisterAsync(LakeQuery lake, string name, Snapshot snapshot, CancellationToken cancel)
    {
        var columns = snapshot.Schema.Fields.Select(f => $"\"{f.Name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"").ToArray();
        var source = _written ? $"SELECT {string.Join(", ", columns)} FROM read_parquet('{_path}')" : "SELECT * FROM t WHERE false";
        await lake.ExecuteAsync($"CREATE OR REPLACE VIEW {name} AS {source}", cancel);
    }

    public string Sql => _written ? $"read_parquet('{_path}')" : "(SELECT NULL AS nothing WHERE false)";

    public bool IsEmpty => !_written;

    public void Dispose() => File.Delete(_path);
}
