using System.CommandLine;
using DataPlatform.Quality.Catalog;
using DataPlatform.Quality.Sqlite;

namespace DataPlatform.Tools.Cli.Suites;

/// <summary><c>dp quality partitions</c>: what the rules of a table are in its partitions.</summary>
internal static class PartitionsCommand
{
    private const int PartitionsMax = 1_000;

    private static readonly Argument<string> Store = new("STORE") { Description = "The SQLite file that 'run --store' wrote." };
    private static readonly Argument<string> Table = new("TABLE") { Description = "The table, as suites name it." };
    private static readonly Option<bool> Bad = new("--bad") { Description = "Only partitions that break a rule." };
    private static readonly Option<int> Limit = new("--limit") { Description = "Partitions, those of the highest names, up to 1,000.", DefaultValueFactory = _ => 30 };

    /// <summary>The command.</summary>
    public static Command Make()
        => new Command("partitions", "What the rules of a table are in its partitions; 'run --states --store' tells them.") { Store, Table, Bad, Limit }.Runs(ShowAsync);

    private static async Task ShowAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        using var catalog = new SqliteCatalog(QualityCommands.OpenStore(parsed.GetValue(Store)!));
        var rules = await catalog.RulesAsync(new RuleQuery { Table = parsed.GetValue(Table), Limit = RuleQuery.LimitMax }, cancellationToken);
        var names = rules.ToDictionary(r => r.Number);
        var cells = await catalog.PartitionsAsync([.. names.Keys], null, Math.Clamp(parsed.GetValue(Limit), 1, PartitionsMax), cancellationToken);
        output.Rows(
            ["partition", "outcome", "rule", "violations", "rows", "measured", "version", "since"],
            cells.Where(c => !parsed.GetValue(Bad) || c.Verdict.Outcome == Quality.Outcome.Fail).Select(c => (IReadOnlyList<object?>)
            [
                c.Verdict.Partition, c.Verdict.Outcome?.ToString(), names[c.Rule].Verdict.Rule, c.Verdict.Violations, c.Verdict.Evaluated, c.Verdict.Observed,
                c.Version?.Version, c.At,
            ]));
    }
}
