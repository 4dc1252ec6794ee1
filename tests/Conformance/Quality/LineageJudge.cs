using DataPlatform.Quality;
using DataPlatform.Quality.DuckDb.Lineage;
using DataPlatform.Quality.Lineage;

namespace DataPlatform.Conformance.Quality;

/// <summary>Runs a case and tells every difference. It knows the conventions of the file, and nothing of any one case.</summary>
internal static class LineageJudge
{
    /// <param name="item">The case.</param>
    /// <param name="tiers">Told how each statement's lineage was found.</param>
    /// <returns>The differences; empty when the case passes.</returns>
    public static IReadOnlyList<string> Differences(LineageCase item, Action<LineageTier>? tiers = null)
    {
        try
        {
            using var extractor = new DuckDbLineageExtractor();
            foreach (var (table, columns) in item.Schema ?? [])
            {
                extractor.AddTable(new TableDefinition(table, [.. columns.Select(c => new ColumnDefinition(c.Key, c.Value))]));
            }

            foreach (var statement in item.SetupStatements)
            {
                extractor.Prepare(statement);
            }

            var found = extractor.Extract(item.Sql);
            foreach (var statement in found)
            {
                tiers?.Invoke(statement.Tier);
            }

            return [.. Compare(item, found)];
        }
        catch (QualityException e)
        {
            return [$"no answer: {e.Message}"];
        }
    }

    private static IEnumerable<string> Compare(LineageCase item, IReadOnlyList<StatementLineage> found)
    {
        var expected = item.Expected.Select(e => Edge(e.Target, e.Sources));
        var actual = found.SelectMany(s => s.Columns).GroupBy(c => Fold(c.Target.ToString()))
            .Select(g => Edge(g.Key, g.SelectMany(c => c.Sources).Select(s => s.ToString())));
        return
        [
            .. Difference("edges", expected, actual),
            .. Difference("inputs", item.Inputs, found.SelectMany(s => s.Inputs)),
            .. Difference("output", item.Output is null ? null : [item.Output], found.Select(s => s.Output).OfType<string>()),
            .. Difference("indirect", item.Indirect, found.SelectMany(s => s.Indirect).Select(c => c.ToString())),
        ];
    }

    private static IEnumerable<string> Difference(string what, IEnumerable<string>? expected, IEnumerable<string> actual)
    {
        if (expected is null)
        {
            yield break;
        }

        var (wanted, got) = (expected.Select(Fold).ToHashSet(), actual.Select(Fold).ToHashSet());
        if (!wanted.SetEquals(got))
        {
            yield return $"{what}: missing [{string.Join("; ", wanted.Except(got))}] unexpected [{string.Join("; ", got.Except(wanted))}]";
        }
    }

    private static string Edge(string target, IEnumerable<string> sources) => $"{target} <- {string.Join(", ", sources.Select(Fold).Distinct().Order(StringComparer.Ordinal))}";

    // Unquoted identifiers compare without regard to case.
    private static string Fold(string name) => name.ToLowerInvariant();
}
