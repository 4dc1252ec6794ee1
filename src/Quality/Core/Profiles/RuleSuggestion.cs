using System.Text.Json.Nodes;

namespace DataPlatform.Quality.Profiles;

/// <summary>A rule that what was seen so far would have kept.</summary>
/// <param name="Rule">The rule as suites have it in documents, see <see cref="Rules.Documents.SuiteDocument"/>.</param>
/// <param name="Reason">What was seen, in words.</param>
public sealed record RuleSuggestion(JsonObject Rule, string Reason);
