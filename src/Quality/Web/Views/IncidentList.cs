using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Quality.Alerts.Incidents;

namespace DataPlatform.Quality.Web.Views;

/// <summary>A page of incidents, those opened last first; alerts that are in none stand on the first page.</summary>
/// <param name="Rows">The incidents.</param>
/// <param name="Next">The place to go on after; null at the end.</param>
public sealed record IncidentList(IReadOnlyList<IncidentRow> Rows, string? Next)
{
    private const int LooseMax = 200;

    internal static async Task<IncidentList> LoadAsync(QualityConsole console, bool includeClosed, string? after, int limit, CancellationToken cancellationToken)
    {
        var alerts = console.Alerts is { } store ? await store.ListAsync(includeClosed, cancellationToken).ConfigureAwait(false) : [];
        var incidents = console.Incidents is { } kept
            ? await kept.ListAsync(includeClosed, limit, after is null ? null : Parse(after), cancellationToken).ConfigureAwait(false)
            : [];
        var byKey = alerts.ToDictionary(a => a.Key, StringComparer.Ordinal);
        var rows = incidents.Select(i => IncidentRow.Of(i, byKey.GetValueOrDefault(i.AlertKey))).ToList();
        if (after is null)
        {
            var inside = await InsideAsync(console, incidents, limit, cancellationToken).ConfigureAwait(false);
            rows.AddRange(alerts.Where(a => !inside.Contains(a.Key) && (console.Incidents is null || !a.Key.StartsWith("incident/", StringComparison.Ordinal)))
                .OrderByDescending(a => a.Severity).ThenByDescending(a => a.OpenedAt).Take(LooseMax).Select(IncidentRow.Of));
        }

        return new IncidentList(rows, incidents.Count == limit ? string.Create(CultureInfo.InvariantCulture, $"{incidents[^1].OpenedAt.UtcTicks}-{incidents[^1].Id}") : null);
    }

    /// <summary>The alerts that open incidents stand for, those of later pages too.</summary>
    private static async Task<HashSet<string>> InsideAsync(
        QualityConsole console, IReadOnlyList<Incident> shown, int limit, CancellationToken cancellationToken)
    {
        var open = console.Incidents is null || shown.Count < limit ? shown : await console.Incidents.ListAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        return open.Concat(shown).SelectMany(i => i.Members.Select(m => m.Key)).ToHashSet(StringComparer.Ordinal);
    }

    private static IncidentCursor Parse(string text)
        => text.Split('-', 2) is [var ticks, var id] && long.TryParse(ticks, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at <= DateTimeOffset.MaxValue.UtcTicks
            ? new IncidentCursor(new DateTimeOffset(at, TimeSpan.Zero), id)
            : throw new QualityException(ErrorKind.Invalid, $"'{text}' is no place in the list of incidents; take the 'next' of the page before.");
}
