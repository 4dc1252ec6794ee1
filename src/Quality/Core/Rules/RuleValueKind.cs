namespace DataPlatform.Quality.Rules;

/// <summary>What a <see cref="RuleValue"/> is.</summary>
public enum RuleValueKind
{
    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>An exact decimal.</summary>
    Decimal,

    /// <summary>A finite binary floating-point number.</summary>
    Double,

    /// <summary>A text.</summary>
    Text,

    /// <summary>A truth value.</summary>
    Boolean,

    /// <summary>A day.</summary>
    Date,

    /// <summary>A date and time without a zone.</summary>
    Timestamp,

    /// <summary>A point in time, in UTC.</summary>
    Instant,
}
