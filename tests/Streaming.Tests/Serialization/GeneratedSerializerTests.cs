using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Tests.Serialization;

public sealed class GeneratedSerializerTests
{
    private static readonly StateSerializers Serializers = new();

    [Fact]
    public void Every_kind_of_member_comes_back()
    {
        var value = Sample();

        var back = RoundTrip(value);

        Assert.Equal(Describe(value), Describe(back));
        Assert.Equal(DateTimeKind.Utc, back.At.Kind);
        Assert.Equal(value.Instant.Offset, back.Instant.Offset);
        Assert.Null(back.Cached);
        Assert.Equal(Describe(Empty()), Describe(RoundTrip(Empty())));
    }

    [Fact]
    public void Records_are_found_without_registration_and_a_registered_serialiser_goes_first()
    {
        Assert.True(Serializers.Has<Place>());
        Assert.Equal("rec{1:str;2:f64;3:f64}", Serializers.Get<Place>().Schema);
        var own = StateSerializer.Create<Place>("own", static (_, _) => { }, static (ref StateReader _) => new Place(string.Empty, 0, 0));
        Assert.Same(own, new StateSerializers().Register(own).Get<Place>());
        Assert.False(Serializers.Has<GeneratedSerializerTests>());
    }

    [Fact]
    public void What_never_changes_is_known_so()
    {
        Assert.True(Serializers.Get<Place>().IsImmutable);
        Assert.True(Serializers.Get<Money>().IsImmutable);
        Assert.False(Serializers.Get<Counter>().IsImmutable);
        Assert.False(Serializers.Get<Everything>().IsImmutable);
        var counter = new Counter { Count = 1 };
        var copy = Serializers.Get<Counter>().Copy(counter);
        copy.Count++;
        Assert.Equal(1, counter.Count);
    }

    [Fact]
    public void Members_of_base_types_are_stored_and_a_derived_value_is_refused_where_a_part_would_be_lost()
    {
        var back = RoundTrip(new NamedCounter { Count = 5, @event = 7, Name = "n" });
        Assert.Equal((5, 7, "n"), (back.Count, back.@event, back.Name));
        Assert.Equal("rec{Count:i64;event:i32;Name:str}", Serializers.Get<NamedCounter>().Schema);

        var error = Assert.Throws<ArgumentException>(
            () => Serializers.Get<Counter>().Write(new StateWriter(), new NamedCounter { Name = "n" }));
        Assert.Contains("would be lost", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_end_too_early_are_refused()
    {
        var writer = new StateWriter();
        Serializers.Get<Everything>().Write(writer, Sample());
        for (var length = 0; length < writer.Length; length++)
        {
            var at = length;
            Assert.Throws<EndOfStreamException>(() =>
            {
                var reader = new StateReader(writer.WrittenSpan[..at]);
                Serializers.Get<Everything>().Read(ref reader);
            });
        }
    }

    private static T RoundTrip<T>(T value)
    {
        var writer = new StateWriter();
        Serializers.Get<T>().Write(writer, value);
        var reader = new StateReader(writer.WrittenSpan);
        var back = Serializers.Get<T>().Read(ref reader);
        Assert.Equal(0, reader.Remaining);
        return back;
    }

    private static string Describe(Everything value)
        => System.Text.Json.JsonSerializer.Serialize(value with { Cached = null }, Options) + value.Tuple;

    private static readonly System.Text.Json.JsonSerializerOptions Options = new() { IncludeFields = true };

    private static Everything Sample() => new(
        true, 200, -100, -30_000, 60_000, int.MinValue, uint.MaxValue, long.MinValue, ulong.MaxValue, 1.5f, Math.PI, (Half)0.5, -79228162514264337593543950335m,
        'ü', new string('ß', 50) + "𝄞", Guid.Parse("8c3e1a52-6a1d-4c0e-9a63-0d1f5f1f3b11"))
    {
        At = new DateTime(2026, 2, 3, 4, 5, 6, DateTimeKind.Utc),
        Instant = new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.FromMinutes(-570)),
        Duration = TimeSpan.FromTicks(-5),
        Date = new DateOnly(1, 1, 1),
        Time = new TimeOnly(23, 59, 59, 999),
        Bytes = [1, 2, 255],
        Day = DayOfWeek.Saturday,
        MaybeNumber = 42,
        MaybeText = string.Empty,
        Array = [1, -1],
        List = ["a", new string('x', 300)],
        Map = new Dictionary<string, List<long>> { ["k"] = [1, 2], ["empty"] = [] },
        Set = [3, 4],
        Tuple = (9, "nine"),
        Nested = new Place("here", 1, 2),
        Places = [null, new Place("there", 3, 4)],
        Price = new Money(9.99m, "EUR"),
        Cached = "not stored",
    };

    private static Everything Empty()
        => new(false, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, default, 0, '\0', string.Empty, Guid.Empty) { Tuple = (0, string.Empty) };
}
