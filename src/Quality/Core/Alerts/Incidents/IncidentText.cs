using System.Globalization;

namespace DataPlatform.Quality.Alerts.Incidents;

/// <summary>Incidents in words.</summary>
internal static class IncidentText
{
    private const int TitlesMax = 5;

    /// <summary>The first of some titles, and how many more there are.</summary>
    public static string List(IReadOnlyList<string> titles)
    {
        var shown = string.Join("; ", titles.Take(TitlesMax));
        return titles.Count <= TitlesMax ? shown : string.Create(CultureInfo.InvariantCulture, $"{shown}; and {titles.Count - TitlesMax} more");
    }

    /// <summary>What a message about an incident says.</summary>
    public static string Detail(Incident incident)
    {
        var below = incident.Members.Where(m => m.IsOpen && m.Key != incident.RootKey).Select(m => m.Title).ToList();
        var root = incident.Members.FirstOrDefault(m => m.Key == incident.RootKey);
        var first = $"{incident.Root}: {root?.Detail ?? incident.Title}{(root is { IsOpen: false } ? " (right again; what is below it is not)" : string.Empty)}";
        return below.Count == 0 ? first : string.Create(CultureInfo.InvariantCulture, $"{first}\nIt explains {below.Count} more: {List(below)}");
    }
}
