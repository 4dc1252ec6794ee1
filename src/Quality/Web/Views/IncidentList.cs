using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.Alerts.Incidents;

namespace DataPlatform.Quality.Web.Views;

/// <summary>A page of incidents and of alerts that are in none, those opened last first.</summary>
/// <param name="Rows">The incidents and alerts.</param>
/// <param name="Next">The place to go on after; null at the end.</param>
public sealed record IncidentList(IReadOnlyList<IncidentRow> Rows, string? Next)
{
    internal static async Task<IncidentList> LoadAsync(QualityConsole console, bool includeClosed, string? after, int limit, CancellationToken cancellationToken)
    {
        var place = after is null ? (AlertCursor?)null : Parse(after);
        var incidents = console.Incidents is { } kept
            ? await kept.ListAsync(includeClosed, limit, place is { } p ? new IncidentCursor(p.OpenedAt, p.Key) : null, cancellationToken).ConfigureAwait(false)
            : [];
        var query = new AlertQuery { IncludeResolved = includeClosed, OutsideIncidents = console.Incidents is not null, After = place, Limit = limit };
        var loose = console.Alerts is { } alerts ? await alerts.PageAsync(query, cancellationToken).ConfigureAwait(false) : [];
        var own = console.Alerts is { } store && incidents.Count > 0
            ? (await store.FindAsync([.. incidents.Select(i => i.AlertKey)], cancellationToken).ConfigureAwait(false)).ToDictionary(a => a.Key, StringComparer.Ordinal)
            : [];

        // Both lists are in the one order, so that the first rows of both together are the first rows of all.
        List<IncidentRow> rows = [.. incidents.Select(i => IncidentRow.Of(i, own.GetValueOrDefault(i.AlertKey))).Concat(loose.Select(IncidentRow.Of))
            .OrderByDescending(r => r.OpenedAt).ThenBy(r => r.Id, StringComparer.Ordinal).Take(limit)];
        return new IncidentList(rows, rows.Count == limit ? string.Create(CultureInfo.InvariantCulture, $"{rows[^1].OpenedAt.UtcTicks}-{rows[^1].Id}") : null);
    }

    private static AlertCursor Parse(string text)
        => text.Split('-', 2) is [var ticks, var id] && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= DateTimeOffset.MaxValue.UtcTicks
            ? new AlertCursor(new DateTimeOffset(at, TimeSpan.Zero), id)
            : throw new QualityException(ErrorKind.Invalid, $"'{text}' is no place in the list of incidents; take the 'next' of the page before.");
}
