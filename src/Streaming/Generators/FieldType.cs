namespace DataPlatform.Streaming.Generators;

/// <summary>How values of one type are written and read.</summary>
internal abstract class FieldType(string typeName)
{
    /// <summary>The type as C#.</summary>
    public string TypeName => typeName;

    /// <summary>How many bytes every value takes; null when that depends on the value.</summary>
    public virtual int? FixedBytes => null;

    public virtual bool IsImmutable => true;

    /// <summary>Whether state that lacks a value can go on with <see cref="Default"/>.</summary>
    public virtual bool HasDefault => true;

    /// <summary>What a value is where none was stored.</summary>
    public virtual string Default => $"default({TypeName})!";

    /// <summary>An expression of the layout's name.</summary>
    public abstract string Schema { get; }

    /// <summary>An expression of a serialiser.</summary>
    public virtual string Serializer => $"{FieldTypes.StateNamespace}.StateSerializer.Of<{TypeName}>()";

    /// <summary>A statement that puts a value into a span; only for types of fixed length.</summary>
    public virtual string WriteAt(string span, int offset, string value) => string.Empty;

    /// <summary>An expression that takes a value from a span; only for types of fixed length.</summary>
    public virtual string ReadAt(string span, int offset) => string.Empty;

    /// <summary>Writes the statements that write a value.</summary>
    public abstract void Write(SourceLines lines, string value);

    /// <summary>Writes the statements that read a value into a new local.</summary>
    public abstract void Read(SourceLines lines, string local);
}

/// <summary>A number or another value of fixed length.</summary>
internal sealed class FixedType(string typeName, string schema, int bytes, string writeAt, string readAt) : FieldType(typeName)
{
    public override int? FixedBytes => bytes;

    public override string Schema => $"\"{schema}\"";

    public override string WriteAt(string span, int offset, string value) => string.Format(Invariant, writeAt, Slice(span, offset), value);

    public override string ReadAt(string span, int offset) => string.Format(Invariant, readAt, Slice(span, offset));

    public override void Write(SourceLines lines, string value)
    {
        var span = lines.NewName("s");
        lines.Add($"var {span} = writer.Reserve({bytes});");
        lines.Add(WriteAt(span, 0, value));
    }

    public override void Read(SourceLines lines, string local)
    {
        var span = lines.NewName("s");
        lines.Add($"var {span} = reader.ReadRaw({bytes});");
        lines.Add($"var {local} = {ReadAt(span, 0)};");
    }

    private static System.IFormatProvider Invariant => System.Globalization.CultureInfo.InvariantCulture;

    private string Slice(string span, int offset)
        => bytes == 1 ? $"{span}[{offset.ToString(Invariant)}]" : $"{span}.Slice({offset.ToString(Invariant)}, {bytes.ToString(Invariant)})";
}

/// <summary>A value that the writer and the reader know how to handle.</summary>
internal sealed class DirectType(
    string typeName, string schema, string write, string read, string? otherwise = null, bool isImmutable = true) : FieldType(typeName)
{
    public override bool IsImmutable => isImmutable;

    public override string Default => otherwise ?? base.Default;

    public override string Schema => $"\"{schema}\"";

    public override void Write(SourceLines lines, string value)
        => lines.Add(string.Format(System.Globalization.CultureInfo.InvariantCulture, write, value) + ";");

    public override void Read(SourceLines lines, string local) => lines.Add($"var {local} = {read};");
}

/// <summary>An enumeration, as its number.</summary>
internal sealed class EnumType(string typeName, FieldType number) : FieldType(typeName)
{
    public override int? FixedBytes => number.FixedBytes;

    public override string Schema => $"\"enum(\" + {number.Schema} + \")\"";

    public override string Serializer => $"{FieldTypes.StateNamespace}.StateSerializer.Enum<{TypeName}, {number.TypeName}>(static v => ({number.TypeName})v, static v => ({TypeName})v)";

    public override string WriteAt(string span, int offset, string value) => number.WriteAt(span, offset, $"({number.TypeName}){value}");

    public override string ReadAt(string span, int offset) => $"({TypeName})({number.ReadAt(span, offset)})";

    public override void Write(SourceLines lines, string value) => number.Write(lines, $"({number.TypeName}){value}");

    public override void Read(SourceLines lines, string local)
    {
        var raw = lines.NewName("n");
        number.Read(lines, raw);
        lines.Add($"var {local} = ({TypeName}){raw};");
    }
}

/// <summary>A value or null.</summary>
internal sealed class OptionalType(string typeName, FieldType inner, bool isValue) : FieldType(typeName)
{
    public override bool IsImmutable => inner.IsImmutable;

    public override string Schema => $"\"null(\" + {inner.Schema} + \")\"";

    public override string Serializer
        => $"{FieldTypes.StateNamespace}.StateSerializer.{(isValue ? "Nullable" : "NullableReference")}<{inner.TypeName}>({inner.Serializer})";

    public override void Write(SourceLines lines, string value)
    {
        var present = lines.NewName("p");
        lines.Add($"writer.WriteBoolean({value} is not null);");
        lines.Add($"if ({value} is {{ }} {present})");
        lines.Open();
        inner.Write(lines, present);
        lines.Close();
    }

    public override void Read(SourceLines lines, string local)
    {
        var present = lines.NewName("p");
        lines.Add($"{TypeName} {local} = null;");
        lines.Add("if (reader.ReadBoolean())");
        lines.Open();
        inner.Read(lines, present);
        lines.Add($"{local} = {present};");
        lines.Close();
    }
}

/// <summary>A list, an array or a set: the number of items, then the items.</summary>
internal sealed class SequenceType(
    string typeName, string schema, string factory, FieldType item, string count, string finish) : FieldType(typeName)
{
    public override bool IsImmutable => false;

    public override string Default => schema == "array" ? $"global::System.Array.Empty<{item.TypeName}>()" : $"new {TypeName}()";

    public override string Schema => $"\"{schema}(\" + {item.Schema} + \")\"";

    public override string Serializer => $"{FieldTypes.StateNamespace}.StateSerializer.{factory}<{item.TypeName}>({item.Serializer})";

    public override void Write(SourceLines lines, string value)
    {
        var next = lines.NewName("i");
        lines.Add($"writer.WriteVarUInt64((ulong){value}.{count});");
        lines.Add($"foreach (var {next} in {value})");
        lines.Open();
        item.Write(lines, next);
        lines.Close();
    }

    public override void Read(SourceLines lines, string local)
    {
        var (items, left, next) = (lines.NewName("l"), lines.NewName("c"), lines.NewName("i"));
        var isSet = schema == "set";
        var list = isSet ? TypeName : $"global::System.Collections.Generic.List<{item.TypeName}>";

        // The count is not trusted for the capacity: a damaged one must not allocate what it claims.
        lines.Add($"var {items} = new {list}();");
        lines.Add($"for (var {left} = reader.ReadVarUInt64(); {left} > 0; {left}--)");
        lines.Open();
        item.Read(lines, next);
        lines.Add($"{items}.Add({next});");
        lines.Close();
        lines.Add($"var {local} = {items}{finish};");
    }
}

/// <summary>A dictionary: the number of entries, then keys and values.</summary>
internal sealed class MapType(string typeName, FieldType key, FieldType value) : FieldType(typeName)
{
    public override bool IsImmutable => false;

    public override string Default => $"new {TypeName}()";

    public override string Schema => $"\"map(\" + {key.Schema} + \";\" + {value.Schema} + \")\"";

    public override string Serializer => $"{FieldTypes.StateNamespace}.StateSerializer.Map<{key.TypeName}, {value.TypeName}>({key.Serializer}, {value.Serializer})";

    public override void Write(SourceLines lines, string written)
    {
        var entry = lines.NewName("e");
        lines.Add($"writer.WriteVarUInt64((ulong){written}.Count);");
        lines.Add($"foreach (var {entry} in {written})");
        lines.Open();
        key.Write(lines, $"{entry}.Key");
        value.Write(lines, $"{entry}.Value");
        lines.Close();
    }

    public override void Read(SourceLines lines, string local)
    {
        var (left, k, v) = (lines.NewName("c"), lines.NewName("k"), lines.NewName("v"));
        lines.Add($"var {local} = new {TypeName}();");
        lines.Add($"for (var {left} = reader.ReadVarUInt64(); {left} > 0; {left}--)");
        lines.Open();
        key.Read(lines, k);
        value.Read(lines, v);
        lines.Add($"{local}.Add({k}, {v});");
        lines.Close();
    }
}

/// <summary>A tuple: its parts one after the other.</summary>
internal sealed class TupleType(string typeName, FieldType[] parts) : FieldType(typeName)
{
    public override bool IsImmutable => System.Array.TrueForAll(parts, p => p.IsImmutable);

    public override string Schema
        => "\"(\" + " + string.Join(" + \",\" + ", System.Linq.Enumerable.Select(parts, p => p.Schema)) + " + \")\"";

    public override string Serializer
        => $"{FieldTypes.StateNamespace}.StateSerializer.{(parts.Length == 2 ? "Pair" : "Triple")}({string.Join(", ", System.Linq.Enumerable.Select(parts, p => p.Serializer))})";

    public override void Write(SourceLines lines, string value)
    {
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i].Write(lines, $"{value}.Item{i + 1}");
        }
    }

    public override void Read(SourceLines lines, string local)
    {
        var names = new string[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i].Read(lines, names[i] = lines.NewName("t"));
        }

        lines.Add($"var {local} = ({string.Join(", ", names)});");
    }
}

/// <summary>Another record.</summary>
internal sealed class RecordType(string typeName, string serializer, bool isValue) : FieldType(typeName)
{
    // Whether the other one can change is known at run time only; a copy is made where it may.
    public override bool IsImmutable => false;

    public override bool HasDefault => isValue;

    public override string Schema => $"{serializer}.Schema";

    public override string Serializer => serializer;

    public override void Write(SourceLines lines, string value) => lines.Add($"{serializer}.Write(writer, {value});");

    public override void Read(SourceLines lines, string local) => lines.Add($"var {local} = {serializer}.Read(ref reader);");
}
