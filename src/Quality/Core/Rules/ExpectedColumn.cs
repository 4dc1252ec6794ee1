namespace DataPlatform.Quality.Rules;

/// <summary>A column a table must have.</summary>
/// <param name="Name">Its name, compared without regard to case.</param>
/// <param name="Type">Its SQL type, aliases understood (<c>int</c> is <c>INTEGER</c>); null when any type will do.</param>
public sealed record ExpectedColumn(string Name, string? Type = null)
{
    /// <summary>A column of any type.</summary>
    /// <param name="name">Its name.</param>
    public static implicit operator ExpectedColumn(string name) => FromString(name);

    /// <summary>A column of any type.</summary>
    /// <param name="name">Its name.</param>
    public static ExpectedColumn FromString(string name) => new(name);
}
