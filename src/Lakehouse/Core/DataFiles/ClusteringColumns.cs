using System.Text.Json;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.DataFiles;

/// <summary>
/// The columns by which a table is clustered, kept in a domain (protocol section "Clustered Table"). They always have statistics.
/// </summary>
internal static class ClusteringColumns
{
    public const string Domain = "delta.clustering";

    /// <summary>Physical paths, dots between the parts; none for a table that is not clustered.</summary>
    public static IReadOnlyList<string> PathsOf(IReadOnlyDictionary<string, DomainMetadata> domains)
    {
        if (!domains.TryGetValue(Domain, out var domain))
        {
            return [];
        }

        try
        {
            using var document = JsonDocument.Parse(domain.Configuration);
            return [.. document.RootElement.GetProperty("clusteringColumns").EnumerateArray()
                .Select(c => string.Join('.', c.EnumerateArray().Select(p => p.GetString())))];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new DeltaException(Kernel.ErrorKind.Corrupt, $"The domain '{Domain}' does not name clustering columns: {e.Message}", e);
        }
    }

    /// <summary>The domain of a new table.</summary>
    /// <exception cref="DeltaException">A column is not there, or has no order.</exception>
    public static DomainMetadata ToDomain(StructType schema, IReadOnlyList<string> columns)
    {
        var paths = columns.Select(c => SchemaPath.Find(schema, c) is [..,
        {
            Type: DecimalType or PrimitiveType
            {
                Kind: not (
                PrimitiveKind.Binary or PrimitiveKind.Boolean or PrimitiveKind.Variant or PrimitiveKind.Void)
            }
        }] fields
            ? fields.Select(ColumnMapping.PhysicalName).ToArray()
            : throw DeltaException.Invalid(
                $"The table cannot be clustered by '{c}': it is no column of a type that has minima and maxima."));
        return new DomainMetadata(Domain, JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["clusteringColumns"] = paths.ToArray(),
            ["domainName"] = Domain,
        }));
    }
}
