using System.Globalization;

namespace DataPlatform.Streaming.State;

/// <summary>One field of a stored layout and what reads it. For generated code.</summary>
/// <param name="Number">The field's number; 0 for one that the type does not have any more.</param>
/// <param name="Reader">An <see cref="IStateSerializer{T}"/> of the field's type; null to skip.</param>
/// <param name="Layout">How it was stored.</param>
public readonly record struct StoredField(int Number, object? Reader, string Layout)
{
    /// <summary>Passes over the field.</summary>
    /// <param name="reader">Where it is.</param>
    public void Skip(ref StateReader reader) => LayoutSkipper.Skip(Layout, ref reader);
}

/// <summary>Finds what a layout that was stored earlier has in common with a type as it is now. For generated code.</summary>
/// <remarks>Not thread-safe; made for one restore.</remarks>
public sealed class RecordLayout
{
    private const string Name = "rec";
    private readonly string _typeName;
    private readonly List<(int Number, string Layout)> _stored = [];
    private readonly Dictionary<int, object> _readers = [];

    private RecordLayout(string typeName) => _typeName = typeName;

    /// <summary>Why the layout cannot be read; empty as long as it can.</summary>
    public string Reason { get; private set; } = string.Empty;

    /// <summary>Takes a stored layout apart.</summary>
    /// <param name="typeName">The type, for errors.</param>
    /// <param name="schema">The layout.</param>
    public static RecordLayout Parse(string typeName, string schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        var layout = new RecordLayout(typeName);
        if (!SchemaText.TryOpen(schema, Name, out var parts))
        {
            layout.Fail($"'{typeName}' is a record now, and '{schema}' was stored");
            return layout;
        }

        foreach (var part in parts)
        {
            var colon = part.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0 || !int.TryParse(part.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                layout.Fail($"'{typeName}' was stored as '{schema}', without numbers of its fields, so that its layout cannot change: number them with [Field], and begin again");
                return layout;
            }

            layout._stored.Add((number, part[(colon + 1)..]));
        }

        return layout;
    }

    /// <summary>Says how a field is read now.</summary>
    /// <typeparam name="T">The field's type.</typeparam>
    /// <param name="number">Its number.</param>
    /// <param name="name">Its name, for errors.</param>
    /// <param name="serializer">What reads and writes it now.</param>
    /// <param name="hasDefault">Whether there is a value for it where nothing was stored.</param>
    public void Field<T>(int number, string name, IStateSerializer<T> serializer, bool hasDefault)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        var at = _stored.FindIndex(f => f.Number == number);
        if (at < 0)
        {
            if (!hasDefault)
            {
                Fail($"field {number} '{name}' of '{_typeName}' was added, and there is no default for it: make it nullable, or give its constructor parameter a default value");
            }

            return;
        }

        if (serializer.FindReader(_stored[at].Layout, out var reason) is { } found)
        {
            _readers.Add(number, found);
        }
        else
        {
            Fail($"field {number} '{name}' of '{_typeName}' does not fit: {reason}");
        }
    }

    /// <summary>The stored fields in their order.</summary>
    /// <returns>Null when the layout cannot be read; see <see cref="Reason"/>.</returns>
    public StoredField[]? ToFields()
    {
        foreach (var (number, stored) in _stored)
        {
            if (!_readers.ContainsKey(number) && !LayoutSkipper.CanSkip(stored))
            {
                Fail($"field {number} of '{_typeName}' was removed and cannot be skipped: '{stored}' is the layout of a serialiser of your own");
            }
        }

        return Reason.Length > 0 ? null : [.. _stored.Select(f => _readers.TryGetValue(f.Number, out var reader)
            ? new StoredField(f.Number, reader, f.Layout)
            : new StoredField(0, null, f.Layout))];
    }

    private void Fail(string reason) => Reason = Reason.Length > 0 ? Reason : reason;
}

/// <summary>Passes over values of which only the layout is known.</summary>
internal static class LayoutSkipper
{
    public static bool CanSkip(string layout)
    {
        if (FixedBytes(layout) is not null || layout is "i16" or "u16" or "str" or "bytes" or "instant")
        {
            return true;
        }

        var name = SchemaText.NameOf(layout);
        return name is "list" or "array" or "set" or "map" or "null" or "enum" or "rec" or "ttl" or ""
            && SchemaText.TryOpen(layout, name, out var parts) && parts.All(p => CanSkip(name == "rec" ? FieldLayout(p) : p));
    }

    public static void Skip(string layout, ref StateReader reader)
    {
        if (FixedBytes(layout) is { } bytes)
        {
            reader.ReadRaw(bytes);
            return;
        }

        switch (layout)
        {
            case "i16" or "u16":
                reader.ReadVarUInt64();
                return;
            case "str" or "bytes":
                reader.ReadBytes();
                return;
            case "instant":
                reader.ReadInt64();
                reader.ReadVarInt64();
                return;
        }

        var name = SchemaText.NameOf(layout);
        if (!SchemaText.TryOpen(layout, name, out var parts))
        {
            throw new EndOfStreamException($"'{layout}' is no layout.");
        }

        SkipParts(name, parts, ref reader);
    }

    private static void SkipParts(string name, IReadOnlyList<string> parts, ref StateReader reader)
    {
        switch (name)
        {
            case "list" or "array" or "set" or "map":
                for (var count = reader.ReadVarUInt64(); count > 0; count--)
                {
                    SkipAll(parts, ref reader);
                }

                return;
            case "null":
                if (reader.ReadBoolean())
                {
                    SkipAll(parts, ref reader);
                }

                return;
            case "ttl":
                reader.ReadInt64();
                SkipAll(parts, ref reader);
                return;
            case "rec":
                foreach (var part in parts)
                {
                    Skip(FieldLayout(part), ref reader);
                }

                return;
            default:
                SkipAll(parts, ref reader);
                return;
        }
    }

    private static void SkipAll(IReadOnlyList<string> parts, ref StateReader reader)
    {
        foreach (var part in parts)
        {
            Skip(part, ref reader);
        }
    }

    private static string FieldLayout(string part) => part[(part.IndexOf(':', StringComparison.Ordinal) + 1)..];

    private static int? FixedBytes(string layout) => layout switch
    {
        "void" => 0,
        "bool" or "u8" or "i8" => 1,
        "char" or "f16" => 2,
        "i32" or "u32" or "f32" or "date" => 4,
        "i64" or "u64" or "f64" or "duration" or "time" or "datetime" => 8,
        "decimal" or "guid" or "window" => 16,
        _ => null,
    };
}
