using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.Tests.Anomalies;

public sealed class SchemaChangeTests
{
    [Fact]
    public void Changes_are_told_by_column()
    {
        var changes = SchemaChange.Between(Shape("a INT", "b TEXT", "c DATE", "d INT"), Shape("b VARCHAR", "a BIGINT", "d INTEGER", "e INT"));

        Assert.Equal(["Removed c", "TypeChanged a", "Added e", "Reordered b"], changes.Select(c => $"{c.Kind} {c.Column}").OrderBy(c => c.Split(' ')[0] switch { "Removed" => 0, "TypeChanged" => 1, "Added" => 2, _ => 3 }));
        Assert.Empty(SchemaChange.Between(Shape("a INT"), Shape("A INTEGER")));
    }

    private static TableShape Shape(params string[] columns)
        => new("t", [.. columns.Select(c => new TableColumn(c.Split(' ')[0], c.Split(' ')[1], SqlTypes.Family(c.Split(' ')[1])))]);
}
