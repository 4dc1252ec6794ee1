namespace DataPlatform.Quality.Rules;

/// <summary>The rows that a number is held against.</summary>
public sealed record MatchSource
{
    /// <summary>The name under which a table gate gives the version before the one it checks.</summary>
    public const string PreviousVersion = "previous";

    private MatchSource(string? relation, string? filter, string? column) => (Relation, Filter, Column) = (relation, filter, column);

    /// <summary>The relation, see <see cref="QualityTarget.References"/>; null for the table itself.</summary>
    public string? Relation { get; }

    /// <summary>A SQL condition on its rows; null for all rows.</summary>
    public string? Filter { get; }

    /// <summary>The column there; null for one of the same name.</summary>
    public string? Column { get; }

    /// <summary>Rows of another relation.</summary>
    /// <param name="relation">Its name; <see cref="PreviousVersion"/> for the table's version before.</param>
    /// <param name="filter">A SQL condition on its rows; null for all rows.</param>
    /// <param name="column">The column there, where a column is compared; null for one of the same name.</param>
    public static MatchSource Of(string relation, string? filter = null, string? column = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(relation);
        return new MatchSource(relation, filter, column);
    }

    /// <summary>Other rows of the same table, for example those of another partition.</summary>
    /// <param name="filter">A SQL condition on them.</param>
    /// <param name="column">The other column, where a column is compared; null for the same one.</param>
    public static MatchSource Rows(string filter, string? column = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(filter);
        return new MatchSource(null, filter, column);
    }

    /// <inheritdoc/>
    public override string ToString() => (Relation, Filter) switch
    {
        ({ } relation, null) => relation,
        ({ } relation, { } filter) => $"{relation} where {filter}",
        _ => $"the rows where {Filter}",
    };
}
