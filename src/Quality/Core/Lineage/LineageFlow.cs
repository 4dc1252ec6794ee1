namespace DataPlatform.Quality.Lineage;

/// <summary>What happens to values on the way from a column to another; nothing, where no flag is set.</summary>
[Flags]
public enum LineageFlow
{
    /// <summary>They arrive as they were.</summary>
    Identity = 0,

    /// <summary>They are computed with.</summary>
    Transformation = 1,

    /// <summary>Those of several rows become one.</summary>
    Aggregation = 2,

    /// <summary>They cannot be told from what arrives, as with a hash.</summary>
    Masked = 4,
}
