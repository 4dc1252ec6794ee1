namespace DataPlatform.Quality.Lineage;

/// <summary>What a column decides without being in a value.</summary>
/// <param name="Column">The column.</param>
/// <param name="Use">What it decides.</param>
public readonly record struct IndirectUse(ColumnId Column, LineageUse Use);

/// <summary>How a column decides which rows are written.</summary>
public enum LineageUse
{
    /// <summary>By a condition on rows.</summary>
    Filter,

    /// <summary>By a condition that joins rows.</summary>
    Join,

    /// <summary>By the groups that rows fall into.</summary>
    GroupBy,

    /// <summary>By the order of rows.</summary>
    Sort,
}
