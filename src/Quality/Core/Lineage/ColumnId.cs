namespace DataPlatform.Quality.Lineage;

/// <summary>A column of a dataset: a node of the lineage graph.</summary>
/// <param name="Dataset">The table, view or file, without the default catalog and schema; <c>$result</c> for what a SELECT returns, <c>?</c> where unknown.</param>
/// <param name="Column">The column; <c>*</c> for all columns of a dataset whose schema is not known.</param>
public readonly record struct ColumnId(string Dataset, string Column) : IComparable<ColumnId>
{
    /// <summary>What a SELECT that writes nothing returns.</summary>
    public const string Result = "$result";

    /// <summary>A dataset that could not be told.</summary>
    public const string Unknown = "?";

    /// <summary>The column that stands for all columns of a dataset.</summary>
    public const string Star = "*";

    /// <summary>Whether it stands for all columns of its dataset.</summary>
    public bool IsStar => Column == Star;

    /// <inheritdoc/>
    public int CompareTo(ColumnId other)
        => string.CompareOrdinal(Dataset, other.Dataset) is var order && order != 0 ? order : string.CompareOrdinal(Column, other.Column);

    /// <inheritdoc/>
    public override string ToString() => $"{Dataset}.{Column}";

    /// <summary>By dataset, then by column, ordinally.</summary>
    public static bool operator <(ColumnId left, ColumnId right) => left.CompareTo(right) < 0;

    /// <summary>By dataset, then by column, ordinally.</summary>
    public static bool operator <=(ColumnId left, ColumnId right) => left.CompareTo(right) <= 0;

    /// <summary>By dataset, then by column, ordinally.</summary>
    public static bool operator >(ColumnId left, ColumnId right) => left.CompareTo(right) > 0;

    /// <summary>By dataset, then by column, ordinally.</summary>
    public static bool operator >=(ColumnId left, ColumnId right) => left.CompareTo(right) >= 0;
}
