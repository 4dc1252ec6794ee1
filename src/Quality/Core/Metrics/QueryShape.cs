namespace DataPlatform.Quality.Metrics;

/// <summary>The kinds of query a run is made of.</summary>
public enum QueryShape
{
    /// <summary>One pass over the relation that computes many metrics side by side.</summary>
    Scan,

    /// <summary>Grouping by the columns of a key.</summary>
    Grouping,

    /// <summary>Looking keys up in another relation.</summary>
    Reference,

    /// <summary>A SELECT as its author wrote it.</summary>
    Custom,
}
