namespace DataPlatform.Quality.Rules.Documents;

/// <summary>The text of a suite, checked.</summary>
/// <param name="Suite">The suite; null when there is a problem.</param>
/// <param name="Json">The document as JSON; null when the text is not in its notation.</param>
/// <param name="Problems">What is wrong, by place; at most 100.</param>
public sealed record SuiteText(QualitySuite? Suite, string? Json, IReadOnlyList<SuiteProblem> Problems)
{
    /// <summary>The most characters that are looked at.</summary>
    public const int LengthMax = 2 << 20;

    /// <summary>Checks a text and says all that is wrong with it, by line and column.</summary>
    /// <param name="text">The text.</param>
    /// <param name="notation">The notation it is in.</param>
    public static SuiteText Check(string text, ISuiteNotation notation)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(notation);
        if (text.Length > LengthMax)
        {
            return new SuiteText(null, null, [new SuiteProblem(new TextPosition(1, 1), $"The text has {text.Length} characters; a suite has at most {LengthMax}.")]);
        }

        try
        {
            var source = notation.Parse(text);
            var (suite, problems) = SuiteDocument.Check(source.Json);
            return new SuiteText(suite, source.Json, [.. problems
                .Select(p => new SuiteProblem(Find(source, p.Pointer), p.Message)).OrderBy(p => p.At.Line).ThenBy(p => p.At.Column)]);
        }
        catch (SuiteSyntaxException e)
        {
            return new SuiteText(null, null, [new SuiteProblem(e.At, e.Message)]);
        }
    }

    /// <summary>The place of a part; of what it would be part of when it is missing.</summary>
    private static TextPosition Find(SuiteSource source, string pointer)
    {
        for (var part = pointer; part.Length > 0; part = part[..part.LastIndexOf('/')])
        {
            if (source.Positions.TryGetValue(part, out var at))
            {
                return at;
            }
        }

        return source.Positions.GetValueOrDefault(string.Empty, new TextPosition(1, 1));
    }
}
