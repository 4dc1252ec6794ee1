using System.Text.Json.Serialization;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Tests.Kit;

namespace DataPlatform.Lakehouse.Tests.Commands;

public sealed class RecordInputTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    public enum Level
    {
        Low,
        High,
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Properties_become_columns_with_their_names_types_and_nullability()
    {
        Assert.Equal(
            "struct<Id: long, Name: string, note: string, Level: string, Where: struct<X: integer, Y: double>, Tags: array<string>, Sizes: map<string, integer>, "
                + "Spot: struct<X: integer, Y: double>, At: timestamp, Price: decimal(38,18)>",
            RowMapping<Reading>.OfProperties().Schema.ToString());
        Assert.Equal(
            [false, false, true, false, true, false, true, true, false, false],
                RowMapping<Reading>.OfProperties().Schema.Fields.Select(f => f.Nullable));
        var error = Assert.Throws<ArgumentException>(RowMapping<Unmappable>.OfProperties);
        Assert.Contains("'Since' of Unmappable is a TimeSpan", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_of_records_lands_in_one_commit_with_nested_values()
    {
        var mapping = RowMapping<Reading>.OfProperties();
        var table = await DeltaTable.CreateAsync(_folder.Store, mapping.Schema, null, _cancel);
        Assert.Equal(1, await table.WriteRecordsAsync(Readings(40_000), cancellationToken: _cancel));

        await using var lake = LakeQuery.Open();
        lake.Register("t", table.Snapshot);
        Assert.Equal(40_000,
            await lake.ScalarAsync<long>(
            "select count(*) from t where Name = 'n' || Id and Level = case when Id % 2 = 0 then 'Low' else 'High' end", _cancel));
        Assert.Equal(40_000, await lake.ScalarAsync<long>(
            "select count(*) from t where case when Id % 3 = 0 then \"Where\" is null else \"Where\".X = Id and \"Where\".Y = Id / 2 end",
                _cancel));
        Assert.Equal(40_000, await lake.ScalarAsync<long>(
            "select count(*) from t where len(Tags) = Id % 4 and (Id % 4 = 0 or Tags[1] = 'a') and case when Id % 5 = 0 then Sizes is null else Sizes['s'] = Id end", _cancel));
        Assert.Equal(40_000,
            await lake.ScalarAsync<long>(
            "select count(*) from t where case when Id % 7 = 0 then Spot is null else Spot.X = 1 - Id end", _cancel));
        Assert.True((await table.CheckAsync(_cancel)).IsSound);
    }

    [Fact]
    public async Task A_long_stream_is_split_by_size_and_never_held_whole()
    {
        var mapping = new RowMapping<long>().Column("id", DeltaType.Long, i => i).Column(
            "noise", DeltaType.Long, i => unchecked(i * 0x1E3779B97F4A7C15L) >> 3);
        var table = await DeltaTable.CreateAsync(_folder.Store, mapping.Schema, new() { TargetFileSizeBytes = 400_000 }, _cancel);
        var finished = 0;
        async IAsyncEnumerable<long> Records()
        {
            for (var i = 0L; i < 300_000; i++)
            {
                finished = i == 250_000 ? Directory.GetFiles(_folder.Path, "part-*.parquet").Length : finished;
                yield return i;
            }

            await ValueTask.CompletedTask;
        }

        await table.WriteRecordsAsync(Records(), mapping, null, _cancel);

        Assert.InRange(table.Snapshot.Files.Count, 5, 12);
        Assert.All(table.Snapshot.Files.OrderBy(f => f.Size).Skip(1), f => Assert.InRange(f.Size, 400_000, 1_000_000));
        Assert.Equal(300_000, table.Snapshot.RowCount);
        Assert.True(finished > 2, $"{finished} files were finished when 250,000 records had been taken");
    }

    [Fact]
    public async Task One_huge_batch_is_split_too_slices_and_nested_columns_included()
    {
        var mapping = RowMapping<Reading>.OfProperties();
        var table = await DeltaTable.CreateAsync(_folder.Store, mapping.Schema, new() { TargetFileSizeBytes = 500_000 }, _cancel);
        List<Reading> all = [];
        await foreach (var reading in Readings(300_000))
        {
            all.Add(reading);
        }

        await table.AppendAsync([mapping.ToBatch(all.ToArray())], _cancel);
        Assert.Equal(3, table.Snapshot.Files.Count);
        await using var lake = LakeQuery.Open();
        lake.Register("t", table.Snapshot);
        Assert.Equal(300_000,
            await lake.ScalarAsync<long>(
            "select count(distinct Id) from t where len(Tags) = Id % 4 and (Id % 3 = 0 or \"Where\".X = Id)", _cancel));
        Assert.True((await table.CheckAsync(_cancel)).IsSound);
    }

    [Fact]
    public async Task A_record_without_a_needed_value_stops_the_write_and_nothing_is_committed()
    {
        var mapping = RowMapping<Reading>.OfProperties();
        var table = await DeltaTable.CreateAsync(_folder.Store, mapping.Schema, null, _cancel);
        var bad = Readings(10).Select(r => r.Id == 6 ? r with { Name = null! } : r);
        var error = await Assert.ThrowsAsync<DeltaException>(() => table.WriteRecordsAsync(bad, mapping, null, _cancel));
        Assert.Contains("'Name' is NOT NULL, and record 6", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await table.RefreshAsync(_cancel)).Version);
        Assert.Empty(Directory.GetFiles(_folder.Path, "*.parquet"));
    }

    private static async IAsyncEnumerable<Reading> Readings(int count)
    {
        for (var i = 0; i < count; i++)
        {
            yield return new Reading(
                i, $"n{i}", i % 9 == 0 ? null : "note", i % 2 == 0 ? Level.Low : Level.High, i % 3 == 0 ? null : new Place(i, i / 2.0),
                [.. Enumerable.Repeat("a", i % 4)], i % 5 == 0 ? null : new() { ["s"] = i }, i % 7 == 0 ? null : new Spot(1 - i, 0),
                DateTimeOffset.UnixEpoch.AddSeconds(i), i * 0.5m);
        }

        await ValueTask.CompletedTask;
    }

    public sealed record Place(int X, double Y);

    public readonly record struct Spot(int X, double Y);

    public sealed record Unmappable(TimeSpan Since);

    public sealed record Reading(
        long Id, string Name, [property: JsonPropertyName("note")] string? Note, Level Level, Place? Where, IReadOnlyList<string> Tags,
        Dictionary<string, int>? Sizes, Spot? Spot, DateTimeOffset At, decimal Price)
    {
        [JsonIgnore]
        public long Twice => Id * 2;
    }
}
