using System.Text.Json.Serialization;

namespace DataPlatform.Quality.Metrics;

/// <summary>What can be asked of a column.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ColumnFamily>))]
public enum ColumnFamily
{
    /// <summary>A list, struct, map, blob or the like: present or NULL, and that is all.</summary>
    Other,

    /// <summary>Whole numbers.</summary>
    Integer,

    /// <summary>Exact decimals.</summary>
    Decimal,

    /// <summary>Binary floating point, with NaN and infinities.</summary>
    Float,

    /// <summary>Text.</summary>
    Text,

    /// <summary>True and false.</summary>
    Boolean,

    /// <summary>Days.</summary>
    Date,

    /// <summary>Date and time without a zone.</summary>
    Timestamp,

    /// <summary>Points in time.</summary>
    Instant,
}
