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

    public List<FileSchema> Children { get; } = [];

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
        text.Append(CultureInfo.InvariantCulture, $"{Name}\u001f{Physical}\u001f{IsRepeated}\u001f{Converted}\u001f{Logical}\u001f{FieldId}\u001f{Length}(");
        foreach (var child in Children)
        {
            child.Write(text);
        }

        text.Append(')');
    }
}
