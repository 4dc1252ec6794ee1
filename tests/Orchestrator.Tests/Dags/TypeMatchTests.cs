using System.Text.Json;
using DataPlatform.Orchestrator.Dags;

namespace DataPlatform.Orchestrator.Tests.Dags;

public sealed class TypeMatchTests
{
    private enum Colour
    {
        Red,
    }

    private sealed record Order(int Id, string Customer, decimal Total);

    private sealed record OrderLine(long Id, string Customer);

    private sealed record OrderText(string Id);

    private sealed record Stranger(string Height);

    [Theory]
    [InlineData(typeof(int), typeof(int))]
    [InlineData(typeof(int), typeof(long))]
    [InlineData(typeof(int), typeof(double))]
    [InlineData(typeof(int), typeof(int?))]
    [InlineData(typeof(int?), typeof(int))]
    [InlineData(typeof(Colour), typeof(int))]
    [InlineData(typeof(string), typeof(Guid))]
    [InlineData(typeof(DateTimeOffset), typeof(string))]
    [InlineData(typeof(string[]), typeof(List<string>))]
    [InlineData(typeof(List<int>), typeof(IReadOnlyList<long>))]
    [InlineData(typeof(HashSet<string>), typeof(IEnumerable<string>))]
    [InlineData(typeof(Dictionary<string, int>), typeof(IReadOnlyDictionary<string, long>))]
    [InlineData(typeof(Dictionary<string, object>), typeof(Order))]
    [InlineData(typeof(Order), typeof(OrderLine))]
    [InlineData(typeof(Order), typeof(object))]
    [InlineData(typeof(JsonElement), typeof(Order))]
    [InlineData(typeof(Order), typeof(JsonElement))]
    public void A_value_can_be_read_so(Type given, Type taken) => Assert.Null(TypeMatch.WhyNot(given, taken));

    [Theory]
    [InlineData(typeof(long), typeof(int), "a long does not always fit into a int")]
    [InlineData(typeof(double), typeof(decimal), "a double does not always fit into a decimal")]
    [InlineData(typeof(int), typeof(string), "a number is not a text")]
    [InlineData(typeof(string), typeof(int), "a text is not a number")]
    [InlineData(typeof(bool), typeof(int), "a truth value is not a number")]
    [InlineData(typeof(Guid), typeof(DateTime), "a Guid is not a DateTime")]
    [InlineData(typeof(string), typeof(string[]), "a text is not a list")]
    [InlineData(typeof(byte[]), typeof(int[]), "a text is not a list")]
    [InlineData(typeof(List<string>), typeof(List<int>), "of their elements a text is not a number")]
    [InlineData(typeof(List<Order>), typeof(Order), "a list is not an object")]
    [InlineData(typeof(Order), typeof(OrderText), "of 'Id' a number is not a text")]
    [InlineData(typeof(Order), typeof(Stranger), "none of its properties is in Order")]
    [InlineData(typeof(Dictionary<string, string>), typeof(Dictionary<string, int>), "a text is not a number")]
    public void A_value_cannot_be_read_so(Type given, Type taken, string reason) => Assert.Equal(reason, TypeMatch.WhyNot(given, taken));

    /// <summary>What is said of types is what the serialiser does.</summary>
    [Fact]
    public void What_is_refused_fails_and_what_is_allowed_works()
    {
        (object Value, Type Taken)[] pairs =
        [
            (1, typeof(long)), (1, typeof(double)), (1, typeof(string)), ("x", typeof(int)), (true, typeof(int)),
                (new[] { "x" }, typeof(List<string>)),
            (new[] { "x" }, typeof(List<int>)), ("x", typeof(string[])), (new byte[] { 1 }, typeof(int[])),
                (new Order(1, "x", 2), typeof(OrderLine)),
            (new Order(1, "x", 2), typeof(OrderText)), (Colour.Red, typeof(int)),
                (new Dictionary<string, int> { ["a"] = 1 }, typeof(Dictionary<string, long>)),
        ];
        Assert.All(pairs, pair =>
        {
            var json = JsonSerializer.Serialize(pair.Value, JsonSerializerOptions.Web);
            var error = Record.Exception(() => JsonSerializer.Deserialize(json, pair.Taken, JsonSerializerOptions.Web));
            Assert.Equal(TypeMatch.WhyNot(pair.Value.GetType(), pair.Taken) is null, error is null);
        });
    }

    [Theory]
    [InlineData(typeof(List<string>), true)]
    [InlineData(typeof(int[]), true)]
    [InlineData(typeof(object), true)]
    [InlineData(typeof(JsonElement), true)]
    [InlineData(typeof(string), false)]
    [InlineData(typeof(byte[]), false)]
    [InlineData(typeof(Dictionary<string, int>), false)]
    [InlineData(typeof(int), false)]
    public void Only_lists_can_be_mapped_over(Type type, bool expected) => Assert.Equal(expected, TypeMatch.MayBeList(type));

    [Theory]
    [InlineData(typeof(IReadOnlyList<Dictionary<string, int?>>), "IReadOnlyList<Dictionary<string, int?>>")]
    [InlineData(typeof(string[]), "string[]")]
    [InlineData(typeof(Colour), "Colour")]
    public void A_type_is_named_as_in_code(Type type, string expected) => Assert.Equal(expected, TypeMatch.Name(type));
}
