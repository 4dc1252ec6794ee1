using System.Data.Common;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.DuckDb;

namespace DataPlatform.EndToEnd.FlightDelays;

/// <summary>The rows of the sample's tables as text, in an order that does not depend on how they were written.</summary>
internal static class LakeContents
{
    public static readonly string[] Tables = ["arrivals", "arrivals_hourly", "arrivals_late", "airport_hours"];

    /// <summary>Every row of a table's latest version, sorted.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(string outFolder, string table, CancellationToken cancellationToken)
    {
        var opened = await DeltaTable.OpenAsync(new LocalObjectStore(Path.Combine(outFolder, "lake", table)), cancellationToken: cancellationToken);
        await using var lake = LakeQuery.Open();
        lake.Register("t", await opened.RefreshAsync(cancellationToken));
        await using DbDataReader reader = await lake.QueryAsync("SELECT * FROM t ORDER BY ALL", cancellationToken);
        List<string> rows = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(reader.GetValue)));
        }

        return rows;
    }
}
