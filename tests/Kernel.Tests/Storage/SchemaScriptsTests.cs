using System.Reflection;
using DataPlatform.Kernel.Storage;

namespace DataPlatform.Kernel.Tests.Storage;

/// <summary>Scripts and names are checked before a database sees them; what they do to one is tested with each engine's stores.</summary>
public sealed class SchemaScriptsTests
{
    [Fact]
    public void Scripts_are_numbered_from_one()
    {
        Assert.Equal(2, new SchemaScripts(["CREATE TABLE a (x)", "CREATE TABLE b (x)"]).Newest);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SchemaScripts([]));
    }

    [Fact]
    public void An_assembly_without_scripts_is_refused()
        => Assert.ThrowsAny<ArgumentException>(() => SchemaScripts.Embedded(Assembly.GetExecutingAssembly()));

    [Theory]
    [InlineData("")]
    [InlineData("Upper")]
    [InlineData("a b")]
    [InlineData("a;DROP")]
    [InlineData("\"a\"")]
    public void A_schema_name_that_would_have_to_be_quoted_is_refused(string name)
        => Assert.Equal("schema", Assert.Throws<ArgumentException>(() => SchemaScripts.CheckName(name, "schema")).ParamName);

    [Fact]
    public void Lower_case_letters_digits_and_underscores_make_a_name() => SchemaScripts.CheckName("quality_2", "schema");
}
