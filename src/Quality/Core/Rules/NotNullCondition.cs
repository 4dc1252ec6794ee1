namespace DataPlatform.Quality.Rules;

/// <summary>The column holds a value.</summary>
/// <param name="Column">The column.</param>
public sealed record NotNullCondition(string Column) : RowCondition
{
    /// <inheritdoc/>
    public override string Kind => "not-null";

    /// <inheritdoc/>
    public override string Description => $"{Column} is not null";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns => [Column];

    internal override string Key => Canonical.Join(Kind, Column.ToUpperInvariant());
}
