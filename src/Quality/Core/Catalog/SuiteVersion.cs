namespace DataPlatform.Quality.Catalog;

/// <summary>A version of a suite's text. Versions are added, never changed.</summary>
/// <param name="Suite">The suite's name.</param>
/// <param name="Version">1 for the first.</param>
/// <param name="Table">The table it is about.</param>
/// <param name="Notation">The name of its notation: <c>json</c> or <c>yaml</c>.</param>
/// <param name="Text">The text as its author wrote it.</param>
/// <param name="Rules">How many rules it has.</param>
/// <param name="At">When it was saved, UTC.</param>
/// <param name="Author">Who saved it.</param>
/// <param name="Reason">Why, in the author's words; may be empty.</param>
public sealed record SuiteVersion(
    string Suite, int Version, string Table, string Notation, string Text, int Rules, DateTimeOffset At, string Author, string Reason);
