namespace DataPlatform.Quality.Rules;

/// <summary>How two columns of a row stand to each other.</summary>
public enum Comparison
{
    /// <summary>The first is less.</summary>
    LessThan,

    /// <summary>The first is less, or both are equal.</summary>
    AtMost,

    /// <summary>Both are equal.</summary>
    Equal,

    /// <summary>They differ.</summary>
    NotEqual,

    /// <summary>The first is greater, or both are equal.</summary>
    AtLeast,

    /// <summary>The first is greater.</summary>
    GreaterThan,
}
