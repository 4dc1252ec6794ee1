using DataPlatform.Quality.Profiles;
using DataPlatform.Quality.Rules.Documents;
using DuckDB.NET.Data;

namespace DataPlatform.Quality.DuckDb.Trials;

/// <summary>Suggestions that were tried: keys and shapes are told by estimates, and a suggestion that its own table breaks is none.</summary>
public static class KeptSuggestions
{
    /// <summary>Those of some suggestions that a relation keeps.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="relation">The relation.</param>
    /// <param name="suggestions">The suggestions.</param>
    /// <param name="cancellationToken">Stops the running query.</param>
    public static async ValueTask<IReadOnlyList<RuleSuggestion>> OfAsync(
        DuckDBConnection connection, string relation, IReadOnlyList<RuleSuggestion> suggestions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(suggestions);
        if (suggestions.Count == 0)
        {
            return [];
        }

        var suite = SuiteDocument.Read(RuleSuggestions.Document(relation, suggestions).ToJsonString());
        var runner = new DuckDbQualityRunner(connection, new QualityRunnerOptions { SampleRowsMax = 0 });
        var result = await runner.RunAsync(suite, new QualityTarget(relation), cancellationToken).ConfigureAwait(false);
        return [.. suggestions.Zip(result.Verdicts).Where(s => s.Second.Outcome == Outcome.Pass).Select(s => s.First)];
    }
}
