using System.Globalization;
using System.Text;
using DataPlatform.Lakehouse.Scans;
using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.DuckDb;

/// <summary>A partition value as a typed SQL constant.</summary>
internal static class PartitionLiteral
{
    public static string Of(StructField field, string? text)
    {
        var type = Sql.Type(field.Type);
        return text is null ? $"CAST(NULL AS {type})" : field.Type switch
        {
            PrimitiveType { Kind: PrimitiveKind.Binary } => $"unhex('{Convert.ToHexString(Encoding.UTF8.GetBytes(text))}')",
            PrimitiveType { Kind: PrimitiveKind.Timestamp } => $"CAST(make_timestamp({Micros(field, text)}) AS TIMESTAMPTZ)",
            PrimitiveType { Kind: PrimitiveKind.TimestampNtz } => $"make_timestamp({Micros(field, text)})",
            _ => $"CAST({Sql.Text(text)} AS {type})",
        };
    }

    private static string Micros(StructField field, string text)
    {
        try
        {
            return PartitionColumn.Micros(text).ToString(CultureInfo.InvariantCulture);
        }
        catch (FormatException e)
        {
            throw new DeltaException(
                Kernel.ErrorKind.Corrupt, $"The partition value '{text}' of the column '{field.Name}' is not a {field.Type}.", e);
        }
    }
}
