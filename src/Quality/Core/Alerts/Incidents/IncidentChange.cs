using System.Text.Json.Serialization;

namespace DataPlatform.Quality.Alerts.Incidents;

/// <summary>Something that happened to an incident.</summary>
/// <param name="Incident">The incident.</param>
/// <param name="Sequence">The revision it belongs to.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Kind">What.</param>
/// <param name="Detail">In words.</param>
public sealed record IncidentChange(string Incident, int Sequence, DateTimeOffset At, IncidentChangeKind Kind, string Detail);

/// <summary>What happened to an incident.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<IncidentChangeKind>))]
public enum IncidentChangeKind
{
    /// <summary>It began.</summary>
    Opened,

    /// <summary>More alerts are explained by its root.</summary>
    Grown,

    /// <summary>Trouble further upstream explains it better.</summary>
    Rerooted,

    /// <summary>Some of its members are right again.</summary>
    Recovered,

    /// <summary>Some of its members turned out to have a root of their own.</summary>
    Split,

    /// <summary>Its root explains another incident, or another's root explains it.</summary>
    Merged,

    /// <summary>All members are right again.</summary>
    Closed,
}
