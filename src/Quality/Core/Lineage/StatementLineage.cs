namespace DataPlatform.Quality.Lineage;

/// <summary>What one SQL statement reads and writes.</summary>
public sealed record StatementLineage
{
    /// <summary>The statement's text.</summary>
    public required string Sql { get; init; }

    /// <summary>The dataset written; null for a query and for statements that write no rows.</summary>
    public string? Output { get; init; }

    /// <summary>The datasets read, sorted.</summary>
    public IReadOnlyList<string> Inputs { get; init; } = [];

    /// <summary>The columns written, in order; unassigned ones are absent.</summary>
    public IReadOnlyList<ColumnLineage> Columns { get; init; } = [];

    /// <summary>Columns that decide which rows are written (joins, filters, grouping, order, limits) and are in no value, sorted.</summary>
    public IReadOnlyList<ColumnId> Indirect { get; init; } = [];

    /// <summary>What those of <see cref="Indirect"/> decide, and what columns in values decide besides; sorted.</summary>
    public IReadOnlyList<IndirectUse> Uses { get; init; } = [];

    /// <summary>How it was found.</summary>
    public required LineageTier Tier { get; init; }

    /// <summary>0 to 1: 1 for a bound plan, less where names had to be guessed.</summary>
    public double Confidence { get; init; } = 1;

    /// <summary>Why a better tier could not be had; null when the best was.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether the parser takes the statement; one that it refuses fails when it is run, and its tables are a guess.</summary>
    public bool Parses { get; init; } = true;

    /// <summary>The edges it stands for.</summary>
    /// <param name="job">The job that runs it.</param>
    /// <param name="output">What a SELECT's result becomes; null to keep it as <see cref="ColumnId.Result"/>.</param>
    public IEnumerable<LineageEdge> Edges(string job, string? output = null)
    {
        foreach (var column in Columns)
        {
            var target = column.Target.Dataset == ColumnId.Result && output is not null ? column.Target with { Dataset = output } : column.Target;
            foreach (var source in column.Sources)
            {
                yield return new LineageEdge(source, target, LineageEdgeKind.Direct, LineageOrigin.Sql, job, Confidence);
            }

            foreach (var source in Indirect)
            {
                yield return new LineageEdge(source, target, LineageEdgeKind.Indirect, LineageOrigin.Sql, job, Confidence);
            }
        }
    }
}
