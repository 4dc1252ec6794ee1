using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.Alerts.Incidents;

/// <summary>An alert inside an incident.</summary>
/// <param name="Key">The alert's key.</param>
/// <param name="Title">One line for people.</param>
/// <param name="Column">The column it is about; <c>*</c> for a whole dataset.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="OpenedAt">When it was first seen to be wrong, UTC.</param>
/// <param name="Detail">What was seen.</param>
/// <param name="RecoveredAt">When it was seen to be right again; null while it is wrong.</param>
public sealed record IncidentMember(
    string Key, string Title, ColumnId Column, Severity Severity, DateTimeOffset OpenedAt, string Detail, DateTimeOffset? RecoveredAt = null)
{
    /// <summary>Whether it is still wrong.</summary>
    public bool IsOpen => RecoveredAt is null;

    internal static IncidentMember Of(Alert alert) => new(
        alert.Key, alert.Title, alert.Column ?? new ColumnId(ColumnId.Unknown, alert.Key), alert.Severity, alert.OpenedAt, alert.Detail);
}
