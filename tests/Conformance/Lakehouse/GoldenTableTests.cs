namespace DataPlatform.Conformance.Lakehouse;

public sealed class GoldenTableTests(GoldenTally tally) : IClassFixture<GoldenTally>
{
    public static TheoryData<string> Tables
    {
        get
        {
            var data = new TheoryData<string>();
            foreach (var name in GoldenTables.All.Keys.Order(StringComparer.Ordinal))
            {
                data.Add(name);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public async Task A_table_of_another_writer_reads_as_its_authors_state(string name)
    {
        var table = GoldenTables.All[name];
        var differences = await new GoldenJudge(table, TestContext.Current.CancellationToken).DifferencesAsync();
        tally.Count(table.Family, differences.Count == 0 ? null : $"{name}: {string.Join(" | ", differences)}");
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }
}
