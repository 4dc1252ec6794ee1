using System.Text.Json.Serialization;
using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.Alerts.Incidents;

/// <summary>Several alerts that lineage explains by one: what people are told of, once.</summary>
public sealed record Incident
{
    /// <summary>Unique; derived from the first root and the time, so that a repeated decision makes no second one.</summary>
    public required string Id { get; init; }

    /// <summary>Whether any of its members is still wrong.</summary>
    public IncidentState State { get; init; }

    /// <summary>The root's title.</summary>
    public required string Title { get; init; }

    /// <summary>The worst of the members that are still wrong; of all when none is.</summary>
    public required Severity Severity { get; init; }

    /// <summary>The most upstream column that is wrong.</summary>
    public required ColumnId Root { get; init; }

    /// <summary>The alert at the root.</summary>
    public required string RootKey { get; init; }

    /// <summary>When it was opened, UTC.</summary>
    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>When it last changed.</summary>
    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>When its last member recovered, or another incident took it in; null while it is open.</summary>
    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>The alerts, oldest first, recovered ones included.</summary>
    public required IReadOnlyList<IncidentMember> Members { get; init; }

    /// <summary>The part of the lineage between the root and the members, as it was when the incident last changed.</summary>
    public LineageCut Cut { get; init; } = LineageCut.Empty;

    /// <summary>Revisions so far; a store takes only the next one.</summary>
    public int Sequence { get; init; } = 1;

    /// <summary>The incident that took it in; null when none did.</summary>
    public string? MergedInto { get; init; }

    /// <summary>The key of the alert about the incident itself, by which it is acknowledged and muted.</summary>
    public string AlertKey => AlertKeyPrefix + Id;

    /// <summary>What keys of alerts about incidents begin with.</summary>
    internal const string AlertKeyPrefix = "incident/";
}

/// <summary>Whether an incident goes on.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<IncidentState>))]
public enum IncidentState
{
    /// <summary>A member is wrong.</summary>
    Open,

    /// <summary>All members recovered, or another incident took it in.</summary>
    Closed,
}
