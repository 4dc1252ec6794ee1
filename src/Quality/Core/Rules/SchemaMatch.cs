namespace DataPlatform.Quality.Rules;

/// <summary>How closely a table's columns must follow the expected ones.</summary>
public enum SchemaMatch
{
    /// <summary>The expected columns exist with their types; others may too.</summary>
    Contains,

    /// <summary>As <see cref="Contains"/>, and there is no other column.</summary>
    NoExtra,

    /// <summary>As <see cref="NoExtra"/>, and in this order.</summary>
    Exact,
}
