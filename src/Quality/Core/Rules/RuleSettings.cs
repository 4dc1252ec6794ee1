namespace DataPlatform.Quality.Rules;

/// <summary>What every kind of rule can be told besides its own parameters.</summary>
public sealed record RuleSettings
{
    /// <summary>Nothing special.</summary>
    public static RuleSettings Default { get; } = new();

    /// <summary>How much a failure matters; critical unless said otherwise.</summary>
    public Severity Severity { get; init; } = Severity.Critical;

    /// <summary>A SQL condition; rows for which it is not true are not looked at. Null for all rows. Part of the rule's id.</summary>
    public string? Filter { get; init; }

    /// <summary>How many violations are borne; none unless said otherwise. Not part of the rule's id, so history survives an edit.</summary>
    public Threshold Threshold { get; init; }

    /// <summary>Whom to ask.</summary>
    public string? Owner { get; init; }

    /// <summary>Free labels to select rules by.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The rule in the author's words; null for the engine's own.</summary>
    public string? Name { get; init; }

    /// <summary>A severity alone, which is what most rules need to say.</summary>
    /// <param name="severity">The severity.</param>
    public static implicit operator RuleSettings(Severity severity) => FromSeverity(severity);

    /// <summary>Default settings with a severity.</summary>
    /// <param name="severity">The severity.</param>
    public static RuleSettings FromSeverity(Severity severity) => Default with { Severity = severity };
}
