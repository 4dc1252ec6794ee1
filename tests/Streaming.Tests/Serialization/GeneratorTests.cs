namespace DataPlatform.Streaming.Tests.Serialization;

public sealed class GeneratorTests
{
    [Theory]
    [InlineData("[StreamRecord] public record R(int A, object B);", "DPS001", 62, "'B' of 'Snippets.R' has type 'object'")]
    [InlineData("[StreamRecord] public record R(List<IntPtr> A);", "DPS001", 0, "'nint' in it")]
    [InlineData("[StreamRecord] public record R(int[,] A);", "DPS001", 0, "int[*,*]")]
    [InlineData("public record Other(int A); [StreamRecord] public record R(Other A);", "DPS001", 0, "another [StreamRecord]")]
    [InlineData("[StreamRecord] public record R((int, int, int, int) A);", "DPS001", 0, "tuple of two or three")]
    [InlineData("[StreamRecord] public record R([Field(1)] int A, [Field(1)] int B);", "DPS002", 0, "'B' of 'Snippets.R' has number 1, and so has 'A'")]
    [InlineData("[StreamRecord] public record R([Field(1)] int A, int B);", "DPS003", 0, "'B'")]
    [InlineData("[StreamRecord] public record R([Field(0)] int A);", "DPS003", 0, "'A'")]
    [InlineData("[StreamRecord] public class R { private int _hidden; public int A { get; set; } }", "DPS004", 0, "'_hidden'")]
    [InlineData("[StreamRecord] public class R { public int A { get; } }", "DPS004", 0, "'A'")]
    [InlineData("[StreamRecord] public class R { public int A { get; private set; } }", "DPS004", 0, "'A'")]
    [InlineData("[StreamRecord] public record R<T>(T A);", "DPS005", 0, "generic")]
    [InlineData("[StreamRecord] public abstract record R(int A);", "DPS005", 0, "abstract")]
    [InlineData("public class Outer { [StreamRecord] private record R(int A); }", "DPS005", 0, "accessible")]
    [InlineData("[StreamRecord] public record R(R? A);", "DPS006", 0, "leads back")]
    [InlineData("[StreamRecord] public record R(List<Other> A); [StreamRecord] public record Other(R[] B);", "DPS006", 0, "'A' of 'Snippets.R' leads back")]
    [InlineData("[StreamRecord] public class R { public R(int unknown) { } public int A { get; set; } }", "DPS007", 0, "constructor")]
    public void What_cannot_be_stored_is_an_error_of_the_build_at_its_place(string code, string id, int column, string says)
    {
        var diagnostics = new Snippet(code).Diagnostics;

        var error = Assert.Single(diagnostics, d => d.Id == id && d.GetMessage(null).Contains(says, StringComparison.Ordinal));
        Assert.Equal(Microsoft.CodeAnalysis.DiagnosticSeverity.Error, error.Severity);
        Assert.Equal(2, error.Location.GetLineSpan().StartLinePosition.Line);
        Assert.Equal("snippet.cs", error.Location.GetLineSpan().Path);
        if (column > 0)
        {
            Assert.InRange(error.Location.GetLineSpan().StartLinePosition.Character, 1, column);
        }
    }

    [Fact]
    public void A_field_can_be_added_with_a_default_removed_and_renamed_and_numbers_can_widen()
    {
        var old = new Snippet("[StreamRecord] public record R([Field(1)] int Count, [Field(2)] string Name, [Field(3)] List<Dictionary<string, decimal?>> Gone, [Field(4)] float Rate);").Load();
        var now = new Snippet("""
            [StreamRecord] public record R(
                [Field(2)] string Title, [Field(1)] long Count, [Field(4)] double? Rate, [Field(5)] int Added = 7, [Field(6)] string? Note = null, [Field(7)] string Text = "x");
            """).Load();
        var bytes = old.Write(5, "name", new List<Dictionary<string, decimal?>> { new() { ["a"] = 1m, ["b"] = null } }, 1.5f);

        Assert.Equal("R { Title = name, Count = 5, Rate = 1.5, Added = 7, Note = , Text = x }", now.Read(old.Schema, bytes));
    }

    [Fact]
    public void A_nested_record_changes_too_also_in_collections()
    {
        var old = new Snippet("[StreamRecord] public record R([Field(1)] List<Part> Parts); [StreamRecord] public readonly record struct Part([Field(1)] int A, [Field(2)] Guid Gone);").Load();
        var now = new Snippet("[StreamRecord] public record R([Field(1)] Part[] Parts) { public override string ToString() => string.Join(',', Parts); } [StreamRecord] public readonly record struct Part([Field(1)] long B, [Field(3)] bool C);").Load();
        var bytes = new byte[1 + (2 * 20)];
        bytes[0] = 2;
        bytes[1] = 11;
        bytes[21] = 12;

        Assert.Equal("Part { B = 11, C = False },Part { B = 12, C = False }", now.Read(old.Schema, bytes));
    }

    [Theory]
    [InlineData("[StreamRecord] public record R([Field(1)] string A);", "[StreamRecord] public record R([Field(1)] long A);", "field 1 'A' of 'Snippets.R' does not fit: its layout is 'i64', not 'str'")]
    [InlineData(
        "[StreamRecord] public record R([Field(1)] int A);",
        "[StreamRecord] public record R([Field(1)] int A, [Field(2)] P B); [StreamRecord] public record P([Field(1)] int X);",
        "field 2 'B' of 'Snippets.R' was added, and there is no default")]
    [InlineData("[StreamRecord] public record R(int A);", "[StreamRecord] public record R(long A);", "without numbers of its fields")]
    [InlineData("[StreamRecord] public record R(int A);", "[StreamRecord] public record R([Field(1)] int A);", "without numbers of its fields")]
    [InlineData("[StreamRecord] public record R([Field(1)] long? A);", "[StreamRecord] public record R([Field(1)] long A);", "field 1 'A'")]
    public void What_does_not_fit_is_named_by_its_field(string before, string after, string says)
    {
        var old = new Snippet(before).Load();

        Assert.Contains(says, new Snippet(after).Load().Read(old.Schema, [0]), StringComparison.Ordinal);
    }

    [Fact]
    public void The_order_of_numbered_members_does_not_matter_and_that_of_others_does()
    {
        Assert.Equal(
            new Snippet("[StreamRecord] public record R([Field(1)] int A, [Field(2)] string B);").Load().Schema,
            new Snippet("[StreamRecord] public class R { [Field(2)] public string Renamed { get; set; } = \"\"; [Field(1)] public int A; }").Load().Schema);
        Assert.NotEqual(
            new Snippet("[StreamRecord] public record R(int A, int B);").Load().Schema,
            new Snippet("[StreamRecord] public record R(int B, int A);").Load().Schema);
    }
}
