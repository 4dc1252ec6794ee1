using System.Globalization;
using System.Text;
using System.Text.Json;
using Apache.Arrow;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.DuckDb;
using ParquetSharp.Arrow;
using StructType = DataPlatform.Lakehouse.Schemas.StructType;

namespace DataPlatform.Lakehouse.Tests.Kit;

/// <summary>A table put together by hand, line by line and file by file, as other writers might have left it.</summary>
internal sealed class RawTable(TempFolder folder)
{
    private readonly LocalObjectStore _store = NotJudged(folder).Store;

    public LocalObjectStore Store => _store;

    public static string Protocol(int reader = 1, int writer = 2, params string[] features)
    {
        var lists = writer < 7 ? "" : $",\"writerFeatures\":{JsonSerializer.Serialize(features)}";
        lists = reader < 3 ? lists : $",\"readerFeatures\":{JsonSerializer.Serialize(features)}{lists}";
        return $"{{\"protocol\":{{\"minReaderVersion\":{reader},\"minWriterVersion\":{writer}{lists}}}}}";
    }

    public static string Metadata(StructType schema, string[]? partitions = null, params (string Key, string Value)[] properties)
        => Metadata(schema.ToJson(), partitions, properties);

    public static string Metadata(string schema, string[]? partitions = null, params (string Key, string Value)[] properties)
    {
        var configuration = properties.ToDictionary(p => p.Key, p => p.Value);
        return $$$"""{"metaData":{"id":"t","format":{"provider":"parquet","options":{}},"schemaString":{{{JsonSerializer.Serialize(schema)}}},"partitionColumns":{{{JsonSerializer.Serialize(partitions ?? [])}}},"configuration":{{{JsonSerializer.Serialize(configuration)}}}}}""";
    }

    public static string Add(string path, long size = 1, string? stats = null, string? more = null, params (string Column, string? Value)[] partition)
        => $$$"""{"add":{"path":{{{JsonSerializer.Serialize(path)}}},"partitionValues":{{{JsonSerializer.Serialize(partition.ToDictionary(p => p.Column, p => p.Value))}}},"size":{{{size}}},"modificationTime":1,"dataChange":true{{{(stats is null ? "" : ",\"stats\":" + JsonSerializer.Serialize(stats))}}}{{{more}}}}}""";

    public static string Remove(string path, string? more = null)
        => $$$"""{"remove":{"path":{{{JsonSerializer.Serialize(path)}}},"dataChange":true,"deletionTimestamp":1{{{more}}}}}""";

    /// <summary>Writes a file of the log whose lines are given.</summary>
    public async Task LogAsync(string name, params string[] lines)
        => await _store.PutAsync("_delta_log/" + name, Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"));

    public Task CommitAsync(long version, params string[] lines) => LogAsync(version.ToString("D20", CultureInfo.InvariantCulture) + ".json", lines);

    /// <summary>Writes a Parquet file, of data or of the log.</summary>
    public void Parquet(string path, RecordBatch batch)
    {
        var full = Path.Combine(folder.Path, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        using var writer = new FileWriter(full, batch.Schema);
        writer.WriteRecordBatch(batch);
        writer.Close();
    }

    /// <summary>Writes a Parquet file of the rows of a DuckDB query.</summary>
    public async Task ParquetAsync(string path, string sql, string options = "")
    {
        var full = Path.Combine(folder.Path, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        await using var lake = LakeQuery.Open(new LakeQueryOptions { Threads = 1 });
        await lake.ExecuteAsync($"COPY ({sql}) TO '{full.Replace("'", "''", StringComparison.Ordinal)}' (FORMAT PARQUET{options})");
    }

    /// <summary>The rows as text, through DuckDB's reader and through the engine's own; they must agree.</summary>
    public async Task<string[]> RowsAsync(string? where = null)
    {
        var table = await DeltaTable.OpenAsync(_store);
        await using var lake = LakeQuery.Open(new LakeQueryOptions { Threads = 1 });
        await lake.RegisterAsync("t", table.Snapshot);
        var names = table.Snapshot.Schema.Fields.Select(f => f.Name).ToArray();
        var byDuckDb = await TextsAsync(lake, "t", names, where);
        var scanned = Path.Combine(folder.Path, $"_scan-{Guid.NewGuid():N}.parquet");
        FileWriter? writer = null;
        var scan = where is null ? table.Scan() : table.Scan().Where(where);
        await foreach (var batch in scan.ReadAsync())
        {
            writer ??= new FileWriter(scanned, batch.Schema);
            writer.WriteRecordBatch(batch);
        }

        writer?.Close();
        writer?.Dispose();
        var byScan = writer is null ? [] : await TextsAsync(lake, $"read_parquet('{scanned}')", names, null);
        Assert.Equal(byDuckDb, byScan);
        return byScan;
    }

    /// <summary>Such tables keep to what readers must bear, and not to the form in which this engine writes.</summary>
    private static TempFolder NotJudged(TempFolder folder)
    {
        folder.NotJudgedBecause = "its table is put together by hand";
        return folder;
    }

    private static async Task<string[]> TextsAsync(LakeQuery lake, string relation, string[] names, string? where)
    {
        var columns = string.Join(", ", names.Select(n => $"cast(\"{n}\" as varchar)"));
        List<string> rows = [];
        await using var reader = await lake.QueryAsync($"select {columns} from {relation}{(where is null ? "" : " where " + where.Replace('`', '"'))}");
        while (await reader.ReadAsync())
        {
            rows.Add(string.Join(" | ", names.Select((_, i) => reader.IsDBNull(i) ? "-" : reader.GetString(i))));
        }

        rows.Sort(StringComparer.Ordinal);
        return [.. rows];
    }
}
