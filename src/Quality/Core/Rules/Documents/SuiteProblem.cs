namespace DataPlatform.Quality.Rules.Documents;

/// <summary>Something wrong with the text of a suite.</summary>
/// <param name="At">Where it stands.</param>
/// <param name="Message">What is wrong, and what may be there instead.</param>
public sealed record SuiteProblem(TextPosition At, string Message);
