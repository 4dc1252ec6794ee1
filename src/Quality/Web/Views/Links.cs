using DataPlatform.Quality.Catalog;
using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.Web.Views;

/// <summary>Addresses of pages, from the mount on. Names stand in the query: a table's name may hold any character.</summary>
internal static class Links
{
    public static string Table(string table, string? tab = null) => With("table", ("name", table), ("tab", tab));

    public static string Rule(RuleKey key) => With("rule", ("key", key.ToString()));

    public static string Partition(RuleKey key, string partition) => With("partition", ("key", key.ToString()), ("name", partition));

    public static string Run(string runId) => With("run", ("id", runId));

    public static string Suite(string suite, int? version = null)
        => With("suite", ("name", suite), ("version", version?.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    public static string Lineage(ColumnId column) => With("lineage", ("dataset", column.Dataset), ("column", column.Column));

    public static string Incident(string id) => With("incident", ("id", id));

    /// <summary>A path with those parameters that have a value.</summary>
    public static string With(string path, params IEnumerable<(string Name, string? Value)> parameters)
    {
        var query = string.Join('&', parameters.Where(p => !string.IsNullOrEmpty(p.Value)).Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value!)}"));
        return query.Length == 0 ? path : $"{path}?{query}";
    }
}
