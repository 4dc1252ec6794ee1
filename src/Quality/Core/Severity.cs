using System.Text.Json.Serialization;

namespace DataPlatform.Quality;

/// <summary>How much a failed rule matters.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Severity>))]
public enum Severity
{
    /// <summary>Worth knowing; nothing follows from it.</summary>
    Info,

    /// <summary>Somebody should look; the data may be used.</summary>
    Warning,

    /// <summary>The data must not be used: a gate stops here.</summary>
    Critical,
}
