namespace DataPlatform.Quality.Catalog;

/// <summary>The part of a table's name that says whose it is.</summary>
public static class TableDomain
{
    /// <summary>What stands before the first <c>/</c> or <c>.</c> of a name: <c>sales</c> of <c>sales.orders</c>, <c>lake</c> of <c>lake/arrivals</c>.</summary>
    /// <param name="table">The table's name.</param>
    /// <returns>The domain; empty for a name in one piece.</returns>
    public static string Of(string table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return table.IndexOfAny(['/', '.']) is > 0 and var end ? table[..end] : string.Empty;
    }
}
