using System.Globalization;
using System.Text;

namespace DataPlatform.Lakehouse.DuckDb;

/// <summary>A node of a Parquet file's schema: a column, a nested field, or one of the groups that lists and maps are made of.</summary>
internal sealed class FileSchema(string name, string? physical, string repetition, string? converted, string? logical, int? fieldId, int length)
{
    public string Name { get; } = name;

    /// <summary>The physical type of a leaf; null for a group.</summary>
    public string? Physical { get; } = physical;

    public bool IsRepeated { get; } = repetition == "REPEATED";

    public string? Converted { get; } = converted;

    public string? Logical { get; } = logical;

    public int? FieldId { get; } = fieldId;

    public int Length { get; } = length;

    /// <summary>
    /// Whether DuckDB reads the group as a value of its own type VARIANT; a file's annotation decides, which its schema table does not show.
    /// </summary>
    public bool IsVariant { get; set; }

    public List<FileSchema> Children { get; } = [];

    /// <summary>The groups below this one that look like a variant, each with the SQL that reaches one of it.</summary>
    public IEnumerable<(FileSchema Node, string Sql)> VariantGroups(string? sql)
    {
        foreach (var child in Children)
        {
            var path = sql is null ? Sql.Name(child.Name) : $"{sql}.{Sql.Name(child.Name)}";
            if (child.Find("metadata") is not null && (child.Find("value") ?? child.Find("typed_value")) is not null)
            {
                yield return (child, path);
                continue;
            }

            foreach (var found in child.Children is [{ IsRepeated: true } items] ? child.Inside(items, path) : child.VariantGroups(path))
            {
                yield return found;
            }
        }
    }

    /// <summary>Lists and maps: one of their elements, keys or values stands for all.</summary>
    private IEnumerable<(FileSchema Node, string Sql)> Inside(FileSchema items, string sql)
    {
        if (items.Children is [var key, var value] && Converted is "MAP" or "MAP_KEY_VALUE")
        {
            var map = new FileSchema(string.Empty, null, string.Empty, null, null, null, 0) { Children = { key } };
            var values = new FileSchema(string.Empty, null, string.Empty, null, null, null, 0) { Children = { value } };
            return map.Below($"map_keys({sql})[1]").Concat(values.Below($"map_values({sql})[1]"));
        }

        return items.Below($"{sql}[1]");
    }

    /// <summary>As <see cref="VariantGroups"/>, where the only child is what the SQL gives.</summary>
    private IEnumerable<(FileSchema Node, string Sql)> Below(string sql)
    {
        var child = Children is [var only] ? only : this;
        return child.Find("metadata") is not null && (child.Find("value") ?? child.Find("typed_value")) is not null ? [(child, sql)]
            : child.Children is [{ IsRepeated: true } items] ? child.Inside(items, sql) : child.VariantGroups(sql);
    }

    /// <summary>A text that two files share when one projection serves both.</summary>
    public string Fingerprint()
    {
        var text = new StringBuilder();
        Write(text);
        return text.ToString();
    }

    public FileSchema? Find(string name) => Children.Find(c => c.Name == name)
        ?? Children.Find(c => string.Equals(c.Name, name, StringComparison.OrdinalIgnoreCase));

    private void Write(StringBuilder text)
    {
        text.Append(CultureInfo.InvariantCulture, $"{Name}\u001f{Physical}\u001f{IsRepeated}\u001f{Converted}\u001f{Logical}\u001f{FieldId}\u001f{Length}\u001f{IsVariant}(");
        foreach (var child in Children)
        {
            child.Write(text);
        }

        text.Append(')');
    }
}
