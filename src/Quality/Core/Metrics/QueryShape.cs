namespace DataPlatform.Quality.Metrics;

/// <summary>The kinds of query a run is made of.</summary>
public enum QueryShape
{
    /// <summary>One pass over the relation that computes many metrics side by side.</summary>
    Scan,

    /// <summary>Grouping by the values of one column, of which there are few: conditions on it are asked of each value once.</summary>
    Values,

    /// <summary>Grouping by the columns of a key.</summary>
    Grouping,

    /// <summary>Looking into another relation.</summary>
    Reference,

    /// <summary>Drawing values.</summary>
    Sample,

    /// <summary>A SELECT as its author wrote it.</summary>
    Custom,
}
