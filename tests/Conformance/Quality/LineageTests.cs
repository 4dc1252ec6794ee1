namespace DataPlatform.Conformance.Quality;

public sealed class LineageTests(LineageTally tally) : IClassFixture<LineageTally>
{
    public static TheoryData<string, string> Cases
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (family, cases) in LineageCases.Load())
            {
                foreach (var item in cases)
                {
                    data.Add(family, item.Id);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Lineage_of_a_case_is_as_expected(string family, string id)
    {
        var item = LineageCases.Load().Single(f => f.Family == family).Cases.Single(c => c.Id == id);

        var differences = LineageJudge.Differences(item, tally.Count);

        tally.Count(family, differences.Count == 0 ? null : $"{id} ({item.Note}): {string.Join(" | ", differences)}");
        Assert.True(differences.Count == 0, $"{item.Note}\n{item.Sql}\n{string.Join('\n', differences)}");
    }
}
