namespace DataPlatform.Quality.Rules;

/// <summary>Where one SQL expression is true, another one is not false. Rows where the first is not true hold and are counted as looked at.</summary>
/// <param name="When">When the demand applies.</param>
/// <param name="Then">The demand; unknown (NULL) holds, as with SQL's CHECK.</param>
public sealed record ConditionalCondition(string When, string Then) : RowCondition
{
    /// <inheritdoc/>
    public override string Kind => "conditional";

    /// <inheritdoc/>
    public override string Description => $"{Then}, when {When}";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns => [];

    internal override string Key => Canonical.Join(Kind, When, Then);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Expressions => [When, Then];
}
