namespace DataPlatform.Quality.Anomalies;

/// <summary>What a series that fills itself is about.</summary>
public enum SeriesMeasure
{
    /// <summary>Rows of the table.</summary>
    Rows,

    /// <summary>The share of NULL in a column, 0 to 1.</summary>
    NullShare,

    /// <summary>The mean of a column's finite numbers.</summary>
    Mean,

    /// <summary>Different values of a column.</summary>
    Distinct,

    /// <summary>How old the newest data was when it was looked at, seconds; of a time column, or of the newest commit.</summary>
    AgeSeconds,

    /// <summary>Changes of the columns against the time before: added, removed, of another type, in another order.</summary>
    SchemaChanges,

    /// <summary>Records that a stream saw in a window.</summary>
    WindowRecords,

    /// <summary>The share of a window's records that broke a row rule, 0 to 1.</summary>
    WindowFailedShare,
}
