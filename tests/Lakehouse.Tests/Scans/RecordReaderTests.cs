using System.Text.Json.Serialization;
using DataPlatform.Lakehouse.Tests.Kit;

namespace DataPlatform.Lakehouse.Tests.Scans;

public sealed class RecordReaderTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Records_come_back_as_they_were_written()
    {
        var mapping = RowMapping<Visit>.OfProperties();
        Visit[] visits =
        [
            new(1, "Ann", Mood.Good, new DateOnly(2001, 2, 3), new DateTimeOffset(2001, 2, 3, 4, 5, 6, TimeSpan.Zero), 1.5, [1, 2], new Place("here", 7), new Dictionary<string, long> { ["a"] = 1 })
            {
                Note = "x", Id = Guid.Parse("5d1c3a44-8a1f-4c1e-9d7b-0123456789ab"), Bytes = [1, 2], Price = 12.5m, Local = new DateTime(2001, 1, 1, 8, 0, 0),
            },
            new(2, null, Mood.Bad, default, DateTimeOffset.UnixEpoch, null, [], null, new Dictionary<string, long>()) { Id = Guid.Empty, Bytes = [], Local = new DateTime(1970, 1, 1) },
        ];
        var table = await DeltaTable.CreateAsync(_folder.Store, mapping.Schema, new() { PartitionColumns = ["day"] }, _cancel);
        await table.AppendAsync([mapping.ToBatch(visits)], _cancel);

        List<Visit> found = [];
        await foreach (var visit in table.Scan().ReadAsync<Visit>(_cancel))
        {
            found.Add(visit);
        }

        Assert.Equal(visits.Select(Text).Order(StringComparer.Ordinal), found.Select(Text).Order(StringComparer.Ordinal));
        List<Short> few = [];
        await foreach (var one in table.Scan().Where("number = 2").ReadAsync<Short>(_cancel))
        {
            few.Add(one);
        }

        Assert.Equal([new Short { Number = 2, Name = null }], few);
    }

    [Fact]
    public async Task A_property_without_a_column_and_a_null_without_room_are_refused_by_name()
    {
        var table = await DeltaTable.CreateAsync(_folder.Store, Order.Mapping.Schema, null, _cancel);
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(10))], _cancel);
        Assert.Contains("no column 'Nothing'", Assert.Throws<DeltaException>(() => table.Scan().ReadAsync<Wrong>(_cancel)).Message, StringComparison.Ordinal);
        Assert.Contains("'Weight' is null", (await RefusedAsync<Heavy>()).Message, StringComparison.Ordinal);
        Assert.Contains("'Customer' is utf8, which cannot be read as Int64", (await RefusedAsync<Mistyped>()).Message, StringComparison.Ordinal);

        async Task<DeltaException> RefusedAsync<T>() => await Assert.ThrowsAsync<DeltaException>(async () =>
        {
            await foreach (var _ in table.Scan().ReadAsync<T>(_cancel))
            {
            }
        });
    }

    private static string Text(Visit v)
        => $"{v.Number} {v.Name} {v.Mood} {v.Day:O} {v.At:O} {v.Weight} {string.Join(',', v.Tags)} {v.Place} {string.Join(',', v.Counts)} {v.Note} {v.Id} "
            + $"{Convert.ToHexString(v.Bytes)} {v.Price?.ToString("0.00", System.Globalization.CultureInfo.InvariantCulture)} {v.Local:O}";

    private enum Mood
    {
        Good,
        Bad,
    }

    private sealed record Place(string Name, int Floor);

    private sealed record Visit(
        long Number, string? Name, Mood Mood, [property: JsonPropertyName("day")] DateOnly Day, DateTimeOffset At, double? Weight, IReadOnlyList<int> Tags, Place? Place,
        IReadOnlyDictionary<string, long> Counts)
    {
        public string? Note { get; init; }

        public Guid Id { get; init; }

        public byte[] Bytes { get; init; } = [];

        public decimal? Price { get; init; }

        public DateTime Local { get; init; }
    }

    private sealed record Short
    {
        public long Number { get; set; }

        public string? Name { get; set; }
    }

    private sealed record Wrong(long Id, string Nothing);

    private sealed record Heavy(double Weight);

    private sealed record Mistyped(long Customer);
}
