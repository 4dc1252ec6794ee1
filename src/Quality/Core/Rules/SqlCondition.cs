namespace DataPlatform.Quality.Rules;

/// <summary>A SQL expression over the row that is not false: <c>arrived >= departed</c>.</summary>
/// <param name="Expression">One boolean expression; it may name any column. Unknown (NULL) holds, as with SQL's CHECK.</param>
public sealed record SqlCondition(string Expression) : RowCondition
{
    /// <inheritdoc/>
    public override string Kind => "row-sql";

    /// <inheritdoc/>
    public override string Description => Expression;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Columns => [];

    internal override string Key => Canonical.Join(Kind, Expression);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Expressions => [Expression];
}
