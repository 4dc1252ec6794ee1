namespace DataPlatform.Quality.Rules.Documents;

/// <summary>The text of a suite as JSON, with the places in the text that its parts come from.</summary>
/// <param name="Json">The document as JSON.</param>
/// <param name="Positions">Places by JSON pointer, for example <c>/rules/0/min</c>; the empty pointer is the document.</param>
public sealed record SuiteSource(string Json, IReadOnlyDictionary<string, TextPosition> Positions);
