using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Quality.DuckDb;
using DataPlatform.Quality.Tests.DuckDb;

namespace DataPlatform.Quality.Tests.TableChecks;

/// <summary>Footers are silent about NaN, as their format demands: bounds that look right do not say that every number is one.</summary>
public sealed class NanFooterTests : DuckDbFixture
{
    private static readonly RowMapping<Reading> Mapping = new RowMapping<Reading>().Column("x", DeltaType.Double, r => r.X).Column("n", DeltaType.Integer, r => r.N);

    [Fact]
    public async Task A_number_that_is_none_breaks_ranges_that_footers_seem_to_settle()
    {
        var folder = Directory.CreateTempSubdirectory("quality-nan-").FullName;
        try
        {
            var options = new DeltaTableOptions { Dataset = new DatasetId("lake/readings") };
            var table = await DeltaTable.CreateAsync(new LocalObjectStore(folder, durable: false), Mapping.Schema, options, Token);
            await table.AppendAsync([Mapping.ToBatch([new(1, 1), new(double.NaN, 2), new(3, 3), new(null, 4)])], Token);
            FileRelation.Register(Connection, "t", Assert.Single(Directory.GetFiles(folder, "*.parquet", SearchOption.AllDirectories)));
            Runner = new DuckDbQualityRunner(Connection, new QualityRunnerOptions { GroupedTestsMin = 0 }, Time);

            var result = await RunAsync(b => b.InRange("x", 0, 5).InRange("x", 0, null).InRange("x", null, 5).InRange("n", 0, 5));

            Assert.Equal([1, 1, 1, 0], result.Verdicts.Select(v => v.Violations));
            Assert.All(result.Verdicts.Take(3), v => Assert.Equal("2", Assert.Single(v.Sample.Rows)[1]));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed record Reading(double? X, int N);
}
