using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Lakehouse.DeltaStreams;

/// <summary>Checks at the start of a job that a mapping fits its table, instead of at the first barrier.</summary>
internal static class RecordLayout
{
    public static void Check(StructType table, StructType records)
    {
        foreach (var field in records.Fields)
        {
            var column = table.Find(field.Name) ?? throw DeltaException.Invalid(
                $"The records have a column '{field.Name}', which is not in the table; its columns are {string.Join(", ", table.Fields.Select(f => f.Name))}.");
            if (!column.Type.Equals(field.Type))
            {
                throw DeltaException.Invalid($"The column '{field.Name}' is {column.Type} in the table, and {field.Type} in the records.");
            }

            if (field.Nullable && !column.Nullable)
            {
                throw DeltaException.Invalid($"The column '{field.Name}' is NOT NULL in the table, and may be null in the records.");
            }
        }

        if (table.Fields.FirstOrDefault(f => !f.Nullable && records.Find(f.Name) is null) is { } missing)
        {
            throw DeltaException.Invalid($"The column '{missing.Name}' is NOT NULL in the table, and the records do not have it.");
        }
    }
}
