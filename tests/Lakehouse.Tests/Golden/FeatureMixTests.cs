using System.Text.Json;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Tests.Kit;

namespace DataPlatform.Lakehouse.Tests.Golden;

/// <summary>Tables as other writers leave them, put together by hand: features that meet in one table. Each is read on both ways.</summary>
public sealed class FeatureMixTests : IDisposable
{
    private const string NoOther =
        "NULL::STRUCT(appId VARCHAR, \"version\" BIGINT) AS txn, NULL::STRUCT(minReaderVersion INT, minWriterVersion INT) AS protocol, "
        + "NULL::STRUCT(id VARCHAR, format STRUCT(provider VARCHAR), schemaString VARCHAR, partitionColumns VARCHAR[], configuration MAP(VARCHAR, VARCHAR)) AS \"metaData\"";

    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;
    private readonly TempFolder _folder = new() { NotJudgedBecause = "its logs are written by hand, as other engines write them" };
    private readonly RawTable _raw;

    public FeatureMixTests() => _raw = new RawTable(_folder);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Columns_are_found_by_id_in_nested_fields_lists_and_maps()
    {
        var inner = DeltaType.Struct(Mapped("first", DeltaType.Long, 3, "p-3"), Mapped("second", DeltaType.String, 4, "p-4"));
        var other = DeltaType.Struct(Mapped("first", DeltaType.Long, 6, "p-6"), Mapped("second", DeltaType.String, 7, "p-7"));
        var schema = DeltaType.Struct(
            Mapped("key", DeltaType.Integer, 1, "p-1"), Mapped("pair", inner, 2, "p-2"), Mapped("pairs", DeltaType.Array(other), 5, "p-5"),
            Mapped("added", DeltaType.Date, 9, "p-9"));
        await _raw.ParquetAsync(
            "a.parquet",
            "SELECT 7 AS k, {'x': 'seven', 'y': 70::BIGINT} AS s, [{'x': 'l', 'y': 71::BIGINT}] AS l",
            ", FIELD_IDS {k: 1, s: {__duckdb_field_id: 2, x: 4, y: 3}, l: {__duckdb_field_id: 5, element: {x: 7, y: 6}}}");
        await _raw.CommitAsync(
            0, RawTable.Protocol(2, 5), RawTable.Metadata(schema, null, ("delta.columnMapping.mode", "id"), ("delta.columnMapping.maxColumnId", "9")),
            RawTable.Add("a.parquet"));
        Assert.Equal(["7 | {'first': 70, 'second': seven} | [{'first': 71, 'second': l}] | -"], await _raw.RowsAsync());
    }

    [Fact]
    public async Task Types_widen_in_structs_lists_and_map_values_and_a_void_column_is_null()
    {
        var schema = DeltaType.Struct(
            new StructField("i", DeltaType.Long), new StructField("s", DeltaType.Struct(new StructField("f", DeltaType.Double), new StructField("v", DeltaType.Void))),
            new StructField("l", DeltaType.Array(DeltaType.Long)), new StructField("m", DeltaType.Map(DeltaType.String, DeltaType.Decimal(20, 3))),
            new StructField("d", DeltaType.TimestampNtz), new StructField("nothing", DeltaType.Void));
        await _raw.ParquetAsync(
            "a.parquet",
            "SELECT 1::INT AS i, {'f': 1.5::FLOAT} AS s, [1::SMALLINT, NULL] AS l, MAP{'k': 1.25::DECIMAL(5, 2)} AS m, DATE '2001-02-03' AS d");
        await _raw.ParquetAsync(
            "b.parquet",
            "SELECT 2::BIGINT AS i, {'f': 2.5::DOUBLE} AS s, [2::BIGINT] AS l, MAP{'k': 2.125::DECIMAL(20, 3)} AS m, TIMESTAMP '2001-02-03 04:05:06' AS d");
        await _raw.CommitAsync(0, RawTable.Protocol(3, 7, "typeWidening", "timestampNtz"), RawTable.Metadata(schema), RawTable.Add("a.parquet"), RawTable.Add("b.parquet"));
        Assert.Equal(
            [
                "1 | {'f': 1.5, 'v': NULL} | [1, NULL] | {k=1.250} | 2001-02-03 00:00:00 | -",
                "2 | {'f': 2.5, 'v': NULL} | [2] | {k=2.125} | 2001-02-03 04:05:06 | -",
            ],
            await _raw.RowsAsync());
    }

    [Fact]
    public async Task A_checkpoint_in_parts_with_parsed_statistics_only_prunes_and_reads_as_its_text_would()
    {
        var schema = DeltaType.Struct(
            new StructField("id", DeltaType.Long), new StructField("name", DeltaType.String), new StructField("at", DeltaType.Timestamp),
            new StructField("part", DeltaType.TimestampNtz));
        for (var i = 0; i < 3; i++)
        {
            await _raw.ParquetAsync($"f{i}.parquet", $"SELECT {i}0::BIGINT AS id, 'n{i}' AS name, TIMESTAMPTZ '2001-01-0{i + 1} 00:00:00+00' AS \"at\"");
        }

        string Parsed(int i) => $"{{'numRecords': 1::BIGINT, 'minValues': {{'id': {i}0::BIGINT, 'name': 'n{i}', 'at': TIMESTAMPTZ '2001-01-0{i + 1} 00:00:00+00'}}, "
            + $"'maxValues': {{'id': {i}0::BIGINT, 'name': 'n{i}', 'at': TIMESTAMPTZ '2001-01-0{i + 1} 00:00:00+00'}}, 'nullCount': {{'id': 0::BIGINT, 'name': 0::BIGINT, 'at': 0::BIGINT}}}}";
        string Row(int i) => $"SELECT {NoOther}, {{'path': 'f{i}.parquet', 'partitionValues': MAP{{'part': '2001-01-0{i + 1} 10:00:00'}}, 'size': 1::BIGINT, 'modificationTime': 1::BIGINT, "
            + $"'dataChange': false, 'stats_parsed': {Parsed(i)}, 'partitionValues_parsed': {{'part': TIMESTAMP '2001-01-0{i + 1} 10:00:00'}}}} AS \"add\"";
        await _raw.ParquetAsync("_delta_log/00000000000000000004.checkpoint.0000000001.0000000002.parquet", Row(0));
        await _raw.ParquetAsync(
            "_delta_log/00000000000000000004.checkpoint.0000000002.0000000002.parquet",
            $"{Row(1)} UNION ALL {Row(2)} UNION ALL SELECT * FROM ({HeadSql(schema, 3, 7, ["part"])})");
        Assert.Equal(3, (await _raw.RowsAsync()).Length);
        var snapshot = (await DeltaTable.OpenAsync(_raw.Store, null, _cancel)).Snapshot;
        Assert.Equal((4, 3L), (snapshot.Version, snapshot.RowCount));
        foreach (var where in new[] { "id = 10", "name > 'n0' AND name < 'n2'", "`at` = TIMESTAMP '2001-01-02 00:00:00'", "part = TIMESTAMP '2001-01-02 10:00:00'" })
        {
            Assert.Equal("f1.parquet", Assert.Single(snapshot.Scan().Where(where).Plan().Files).Path);
            Assert.Equal(["10 | n1 | 2001-01-02 00:00:00+00 | 2001-01-02 10:00:00"], await _raw.RowsAsync(where));
        }
    }

    [Fact]
    public async Task A_JSON_checkpoint_with_sidecars_and_deletion_vectors_is_followed_by_commits()
    {
        var schema = DeltaType.Struct(new StructField("id", DeltaType.Long));
        await _raw.ParquetAsync("a.parquet", "SELECT unnest([1::BIGINT, 2, 3]) AS id");
        await _raw.ParquetAsync("b.parquet", "SELECT unnest([4::BIGINT, 5]) AS id");
        await _raw.ParquetAsync("c.parquet", "SELECT 6::BIGINT AS id");
        await _raw.CommitAsync(0, RawTable.Protocol(3, 7, "deletionVectors", "v2Checkpoint"), RawTable.Metadata(schema, null, ("delta.enableDeletionVectors", "true")));
        // The vector of a.parquet is written by the engine itself, and only its descriptor is used here.
        var made = await Lakehouse.Scans.DeletionVectors.DeletionVectorStore.WriteAsync(_raw.Store, [Lakehouse.Scans.DeletionVectors.RowSet.Of([1])], _cancel);
        var dv = $"{{'storageType': '{made[0].StorageType}', 'pathOrInlineDv': '{made[0].PathOrInlineDv.Replace("'", "''", StringComparison.Ordinal)}', "
            + $"'offset': NULL::INT, 'sizeInBytes': {made[0].SizeInBytes}::INT, 'cardinality': 1::BIGINT}}";
        static string Add(string path, string vector)
            => $"SELECT {{'path': '{path}', 'partitionValues': MAP{{}}::MAP(VARCHAR, VARCHAR), 'size': 1::BIGINT, 'modificationTime': 1::BIGINT, 'dataChange': false, "
                + $"'deletionVector': {vector}::STRUCT(storageType VARCHAR, pathOrInlineDv VARCHAR, \"offset\" INT, sizeInBytes INT, cardinality BIGINT)}} AS \"add\"";
        await _raw.ParquetAsync("_delta_log/_sidecars/one.parquet", Add("a.parquet", dv));
        await _raw.ParquetAsync("_delta_log/_sidecars/two.parquet", Add("b.parquet", "NULL"));
        await _raw.LogAsync(
            "00000000000000000003.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json",
            """{"checkpointMetadata":{"version":3}}""", RawTable.Protocol(3, 7, "deletionVectors", "v2Checkpoint"), RawTable.Metadata(schema),
            """{"sidecar":{"path":"one.parquet","sizeInBytes":1,"modificationTime":1}}""", """{"sidecar":{"path":"two.parquet","sizeInBytes":1,"modificationTime":1}}""",
            """{"txn":{"appId":"app","version":9}}""");
        await _raw.CommitAsync(4, RawTable.Remove("b.parquet"), RawTable.Add("c.parquet"));
        Assert.Equal(["1", "3", "6"], await _raw.RowsAsync());
        var snapshot = (await DeltaTable.OpenAsync(_raw.Store, null, _cancel)).Snapshot;
        Assert.Equal(9, snapshot.TransactionVersion("app"));
    }

    [Fact]
    public async Task Compacted_log_files_that_overlap_and_reach_past_commits_that_are_gone_give_the_same_files()
    {
        var schema = DeltaType.Struct(new StructField("id", DeltaType.Long));
        await _raw.CommitAsync(0, RawTable.Protocol(), RawTable.Metadata(schema), RawTable.Add("a"), RawTable.Add("b"));
        await _raw.CommitAsync(1, RawTable.Remove("a"), RawTable.Add("c"));
        await _raw.CommitAsync(2, RawTable.Add("a"));
        await _raw.CommitAsync(3, RawTable.Remove("b"), RawTable.Add("d"));
        await _raw.CommitAsync(4, RawTable.Remove("c"));
        await _raw.LogAsync("00000000000000000001.00000000000000000002.compacted.json", RawTable.Add("a"), RawTable.Add("c"));
        await _raw.LogAsync("00000000000000000001.00000000000000000003.compacted.json", RawTable.Add("a"), RawTable.Add("c"), RawTable.Add("d"), RawTable.Remove("b"));
        await _raw.LogAsync("00000000000000000002.00000000000000000004.compacted.json", RawTable.Add("a"), RawTable.Add("d"), RawTable.Remove("b"), RawTable.Remove("c"));
        foreach (var (version, files) in new[] { (1, "b c"), (2, "a b c"), (3, "a c d"), (4, "a d") })
        {
            var table = await DeltaTable.OpenAsync(_raw.Store, null, _cancel);
            var snapshot = await table.SnapshotAtAsync(version, _cancel);
            Assert.Equal(files, string.Join(' ', snapshot.Files.Select(f => f.Path).Order(StringComparer.Ordinal)));
        }
    }

    [Fact]
    public async Task Partition_values_with_special_characters_and_paths_of_every_spelling_are_read()
    {
        var schema = DeltaType.Struct(
            new StructField("id", DeltaType.Long), new StructField("p", DeltaType.String), new StructField("q", DeltaType.Binary), new StructField("w", DeltaType.Decimal(6, 2)));
        string[] names = ["p=a%20b/x y.parquet", "p=50%25/x.parquet", "p=__HIVE_DEFAULT_PARTITION__/x.parquet", "plain[1]*.parquet"];
        foreach (var (name, i) in names.Select((n, i) => (n, i)))
        {
            await _raw.ParquetAsync(name, $"SELECT {i}::BIGINT AS id");
        }

        await _raw.CommitAsync(
            0, RawTable.Protocol(), RawTable.Metadata(schema, ["p", "q", "w"]),
            RawTable.Add("p=a%2520b/x%20y.parquet", partition: [("p", "a b"), ("q", "\u0001é"), ("w", "-1.5")]),
            RawTable.Add("p=50%2525/x.parquet", partition: [("p", "50%"), ("q", ""), ("w", null)]),
            RawTable.Add("p=__HIVE_DEFAULT_PARTITION__/x.parquet", partition: [("p", null), ("q", null), ("w", "0")]),
            RawTable.Add(new Uri(Path.Combine(_folder.Path, "plain[1]*.parquet")).AbsoluteUri, partition: [("p", "it's"), ("q", null), ("w", "7.25")]));
        Assert.Equal(
            ["0 | a b | \\x01\\xC3\\xA9 | -1.50", "1 | 50% | - | -", "2 | - | - | 0.00", "3 | it's | - | 7.25"], await _raw.RowsAsync());
        Assert.Equal(["3 | it's | - | 7.25"], await _raw.RowsAsync("p = 'it''s' AND w > 7"));
        Assert.Equal(["2 | - | - | 0.00"], await _raw.RowsAsync("p IS NULL"));
    }

    [Fact]
    public async Task Fields_of_later_features_are_carried_and_do_not_disturb_reading()
    {
        var schema = """{"type":"struct","fields":[{"name":"Id","type":"long","nullable":true,"metadata":{"__COLLATIONS":{"Id":"icu.en"},"delta.typeChanges":[{"toType":"long","fromType":"integer"}]}}]}""";
        await _raw.ParquetAsync("a.parquet", "SELECT 5::INT AS id, 8::BIGINT AS \"_row-id-col\"");
        await _raw.CommitAsync(
            0, """{"commitInfo":{"operation":"CREATE","operationParameters":{"clusterBy":"[]","statsOnLoad":false}}}""",
            RawTable.Protocol(3, 7, "typeWidening", "columnMapping"),
            """{"domainMetadata":{"domain":"delta.rowTracking","configuration":"{\"rowIdHighWaterMark\":0}","removed":false}}""",
            """{"domainMetadata":{"domain":"gone","configuration":"","removed":false}}""",
            RawTable.Metadata(schema, null, ("delta.enableRowTracking", "true"), ("delta.universalFormat.enabledFormats", "iceberg")),
            RawTable.Add("a.parquet", more: ""","baseRowId":0,"defaultRowCommitVersion":0,"clusteringProvider":"liquid","tags":{"INSERTION_TIME":"1"}"""));
        await _raw.CommitAsync(1, """{"domainMetadata":{"domain":"gone","configuration":"","removed":true}}""", """{"futureAction":{"a":[1]}}""");
        Assert.Equal(["5"], await _raw.RowsAsync());
        var snapshot = (await DeltaTable.OpenAsync(_raw.Store, null, _cancel)).Snapshot;
        Assert.Equal(["delta.rowTracking"], snapshot.Domains.Keys);
        Assert.Equal((0L, 0L, "liquid"), (snapshot.Files[0].BaseRowId, snapshot.Files[0].DefaultRowCommitVersion, snapshot.Files[0].ClusteringProvider));
    }

    [Fact]
    public async Task Actions_laid_out_over_several_lines_are_read_and_a_torn_one_is_still_refused()
    {
        var schema = DeltaType.Struct(new StructField("id", DeltaType.Long));
        await _raw.CommitAsync(0, RawTable.Protocol(), RawTable.Metadata(schema).Replace("{\"metaData\":{", "{\n  \"metaData\": {\n", StringComparison.Ordinal), RawTable.Add("a"));
        Assert.Single((await DeltaTable.OpenAsync(_raw.Store, null, _cancel)).Snapshot.Files);
        await _raw.CommitAsync(1, "{", "  \"add\": {\"path\": \"b\",");
        var error = await Assert.ThrowsAsync<DeltaException>(() => DeltaTable.OpenAsync(_raw.Store, null, _cancel));
        Assert.Contains("'_delta_log/00000000000000000001.json' line 1", error.Message, StringComparison.Ordinal);
    }

    private static StructField Mapped(string name, DeltaType type, int id, string physical) => new(name, type, true, new Dictionary<string, JsonElement>
    {
        ["delta.columnMapping.id"] = JsonSerializer.SerializeToElement(id),
        ["delta.columnMapping.physicalName"] = JsonSerializer.SerializeToElement(physical),
    });

    /// <summary>The rows of a checkpoint that hold protocol and metadata, as SQL.</summary>
    private static string HeadSql(StructType schema, int reader, int writer, string[] partitions)
    {
        var text = schema.ToJson().Replace("'", "''", StringComparison.Ordinal);
        var add = "NULL AS \"add\"";
        return $"SELECT NULL AS txn, {{'minReaderVersion': {reader}::INT, 'minWriterVersion': {writer}::INT}} AS protocol, NULL AS \"metaData\", {add} "
            + $"UNION ALL SELECT NULL, NULL, {{'id': 't', 'format': {{'provider': 'parquet'}}, 'schemaString': '{text}', "
            + $"'partitionColumns': [{string.Join(", ", partitions.Select(p => $"'{p}'"))}], 'configuration': MAP{{}}::MAP(VARCHAR, VARCHAR)}}, NULL";
    }
}
