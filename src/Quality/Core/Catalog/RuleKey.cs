using DataPlatform.Kernel;

namespace DataPlatform.Quality.Catalog;

/// <summary>A rule of a suite; the same text is the key of the rule's alert.</summary>
/// <param name="Suite">The suite's name.</param>
/// <param name="RuleId">The rule's stable id.</param>
public readonly record struct RuleKey(string Suite, string RuleId)
{
    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <param name="text">Suite and rule with <c>/</c> between them; a suite's name may hold more of those.</param>
    /// <exception cref="QualityException">It is no such text.</exception>
    public static RuleKey Parse(string text)
        => text?.LastIndexOf('/') is { } at and > 0 && at < text.Length - 1
            ? new RuleKey(text[..at], text[(at + 1)..])
            : throw new QualityException(ErrorKind.Invalid, $"'{text}' names no rule; write the suite and the rule's id with '/' between them.");

    /// <inheritdoc/>
    public override string ToString() => $"{Suite}/{RuleId}";
}
