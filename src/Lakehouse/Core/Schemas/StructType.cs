using System.Text.Json;

namespace DataPlatform.Lakehouse.Schemas;

/// <summary>An ordered list of named fields: the schema of a table or of a nested column. Immutable; field names are unique ignoring case.</summary>
public sealed record StructType : DeltaType
{
    private readonly Dictionary<string, int> _ordinals;

    /// <summary>Makes a struct.</summary>
    /// <param name="fields">Its fields, in order.</param>
    /// <exception cref="ArgumentException">Two fields differ only in case.</exception>
    public StructType(IReadOnlyList<StructField> fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        Fields = [.. fields];
        _ordinals = new(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < Fields.Count; i++)
        {
            if (!_ordinals.TryAdd(Fields[i].Name, i))
            {
                throw new ArgumentException($"The column '{Fields[i].Name}' is there twice; names must differ in more than case.", nameof(fields));
            }
        }
    }

    /// <summary>The fields, in order.</summary>
    public IReadOnlyList<StructField> Fields { get; }

    /// <summary>The field of a name.</summary>
    /// <param name="name">The name, in any case.</param>
    /// <exception cref="KeyNotFoundException">There is no such field.</exception>
    public StructField this[string name]
        => Find(name) ?? throw new KeyNotFoundException($"There is no column '{name}'; the columns are {string.Join(", ", Fields.Select(f => f.Name))}.");

    /// <summary>The field of a name, or null.</summary>
    /// <param name="name">The name, in any case.</param>
    public StructField? Find(string name) => _ordinals.TryGetValue(name, out var ordinal) ? Fields[ordinal] : null;

    /// <summary>The position of a field, or -1.</summary>
    /// <param name="name">The name, in any case.</param>
    public int IndexOf(string name) => _ordinals.TryGetValue(name, out var ordinal) ? ordinal : -1;

    /// <summary>The schema in the protocol's JSON form.</summary>
    public string ToJson() => SchemaJson.Write(this);

    /// <summary>Reads a schema from the protocol's JSON form.</summary>
    /// <param name="json">The text, as in <c>metaData.schemaString</c>.</param>
    /// <exception cref="DeltaException">It is not a schema, or names a type this engine does not know.</exception>
    public static StructType FromJson(string json) => SchemaJson.Read(json);

    /// <inheritdoc/>
    public bool Equals(StructType? other) => other is not null && Fields.SequenceEqual(other.Fields);

    /// <inheritdoc/>
    public override int GetHashCode() => Fields.Aggregate(17, (hash, field) => HashCode.Combine(hash, field.Name));

    /// <inheritdoc/>
    public override string ToString() => $"struct<{string.Join(", ", Fields.Select(f => $"{f.Name}: {f.Type}"))}>";
}

/// <summary>A named column or nested field.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Nullable">Whether it may be null.</param>
/// <param name="Metadata">Field metadata of the protocol, for example <c>delta.columnMapping.id</c>; null for none.</param>
public sealed record StructField(string Name, DeltaType Type, bool Nullable = true, IReadOnlyDictionary<string, JsonElement>? Metadata = null)
{
    /// <summary>Field metadata; empty for none.</summary>
    public IReadOnlyDictionary<string, JsonElement> Metadata { get; init; } = Metadata ?? NoMetadata;

    private static Dictionary<string, JsonElement> NoMetadata { get; } = [];

    /// <summary>The text of a metadata entry, or null.</summary>
    /// <param name="key">The entry.</param>
    internal string? Text(string key) => Metadata.TryGetValue(key, out var value)
        ? value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText() : null;

    /// <summary>The same field with one more metadata entry.</summary>
    internal StructField With(string key, JsonElement value) => this with { Metadata = new Dictionary<string, JsonElement>(Metadata) { [key] = value } };

    /// <inheritdoc/>
    public bool Equals(StructField? other)
        => other is not null && Name == other.Name && Nullable == other.Nullable && Type.Equals(other.Type) && Metadata.Count == other.Metadata.Count
            && Metadata.All(entry => other.Metadata.TryGetValue(entry.Key, out var theirs) && JsonElement.DeepEquals(entry.Value, theirs));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Nullable);
}
