namespace DataPlatform.Streaming.State;

/// <summary>A value or nothing: one byte, then the value.</summary>
internal abstract class OptionalSerializer<TOptional, T>(IStateSerializer<T> inner) : IStateSerializer<TOptional>
{
    private const string Name = "null";

    public string Schema => $"{Name}({inner.Schema})";

    public bool IsImmutable => inner.IsImmutable;

    protected IStateSerializer<T> Inner => inner;

    public bool CanRead(string schema) => SchemaText.TryOpen(schema, Name, out var parts) && parts.Count == 1 && inner.CanRead(parts[0]);

    public IStateSerializer<TOptional>? FindReader(string schema, out string reason)
    {
        if (SchemaText.TryOpen(schema, Name, out var parts) && parts.Count == 1)
        {
            return inner.FindReader(parts[0], out reason) is { } found ? ReferenceEquals(found, inner) ? this : With(found) : null;
        }

        // What could not be absent when it was stored may be so now.
        return inner.FindReader(schema, out reason) is { } always ? new AlwaysPresent(this, always) : null;
    }

    public abstract void Write(StateWriter writer, TOptional value);

    public abstract TOptional Read(ref StateReader reader);

    protected abstract IStateSerializer<TOptional> With(IStateSerializer<T> other);

    protected abstract TOptional Present(T value);

    private sealed class AlwaysPresent(OptionalSerializer<TOptional, T> current, IStateSerializer<T> stored) : IStateSerializer<TOptional>
    {
        public string Schema => stored.Schema;

        public void Write(StateWriter writer, TOptional value) => current.Write(writer, value);

        public TOptional Read(ref StateReader reader) => current.Present(stored.Read(ref reader));
    }
}

/// <summary>A nullable value.</summary>
internal sealed class NullableSerializer<T>(IStateSerializer<T> inner) : OptionalSerializer<T?, T>(inner)
    where T : struct
{
    public override void Write(StateWriter writer, T? value)
    {
        writer.WriteBoolean(value.HasValue);
        if (value is { } present)
        {
            Inner.Write(writer, present);
        }
    }

    public override T? Read(ref StateReader reader) => reader.ReadBoolean() ? Inner.Read(ref reader) : null;

    protected override IStateSerializer<T?> With(IStateSerializer<T> other) => new NullableSerializer<T>(other);

    protected override T? Present(T value) => value;
}

/// <summary>A reference that may be null.</summary>
internal sealed class NullableReferenceSerializer<T>(IStateSerializer<T> inner) : OptionalSerializer<T?, T>(inner)
    where T : class
{
    public override void Write(StateWriter writer, T? value)
    {
        writer.WriteBoolean(value is not null);
        if (value is not null)
        {
            Inner.Write(writer, value);
        }
    }

    public override T? Read(ref StateReader reader) => reader.ReadBoolean() ? Inner.Read(ref reader) : null;

    protected override IStateSerializer<T?> With(IStateSerializer<T> other) => new NullableReferenceSerializer<T>(other);

    protected override T? Present(T value) => value;
}

/// <summary>A collection that is written like a list.</summary>
internal sealed class SequenceSerializer<TSequence, T>(
    string name, IStateSerializer<T> item, Func<List<T>, TSequence> make) : IStateSerializer<TSequence>
    where TSequence : IEnumerable<T>
{
    private readonly ListSerializer<T> _list = new(item);

    public string Schema => $"{name}({item.Schema})";

    public bool IsImmutable => false;

    public bool CanRead(string schema) => SchemaText.TryOpen(schema, name, out var parts) && parts.Count == 1 && item.CanRead(parts[0]);

    /// <summary>Lists, arrays and sets have the same bytes, so that one may become the other.</summary>
    public IStateSerializer<TSequence>? FindReader(string schema, out string reason)
    {
        reason = $"it is no collection but '{schema}'";
        return SchemaText.NameOf(schema) is "list" or "array" or "set" && SchemaText.TryOpen(
            schema, SchemaText.NameOf(schema), out var parts) && parts.Count == 1
            && item.FindReader(parts[0], out reason) is { } found
            ? ReferenceEquals(found, item) ? this : new SequenceSerializer<TSequence, T>(name, found, make)
            : null;
    }

    public void Write(StateWriter writer, TSequence value)
    {
        writer.WriteVarUInt64((ulong)value.Count());
        foreach (var next in value)
        {
            item.Write(writer, next);
        }
    }

    public TSequence Read(ref StateReader reader) => make(_list.Read(ref reader));
}

/// <summary>An enumeration, as the number that it is.</summary>
internal sealed class EnumSerializer<TEnum, TNumber>(
    IStateSerializer<TNumber> number, Func<TEnum, TNumber> toNumber, Func<TNumber, TEnum> toEnum) : IStateSerializer<TEnum>
    where TEnum : struct, Enum
{
    private const string Name = "enum";

    public string Schema => $"{Name}({number.Schema})";

    public bool IsImmutable => true;

    public IStateSerializer<TEnum>? FindReader(string schema, out string reason)
    {
        reason = $"it is no enumeration but '{schema}'";
        return SchemaText.TryOpen(schema, Name, out var parts) && number.FindReader(parts[0], out reason) is { } found
            ? ReferenceEquals(found, number) ? this : new EnumSerializer<TEnum, TNumber>(found, toNumber, toEnum)
            : null;
    }

    public void Write(StateWriter writer, TEnum value) => number.Write(writer, toNumber(value));

    public TEnum Read(ref StateReader reader) => toEnum(number.Read(ref reader));
}

/// <summary>A number that was stored in a narrower type.</summary>
internal sealed class WidenedSerializer<T, TNarrow>(
    IStateSerializer<T> current, IStateSerializer<TNarrow> stored, Func<TNarrow, T> widen) : IStateSerializer<T>
{
    public string Schema => stored.Schema;

    public bool IsImmutable => true;

    public void Write(StateWriter writer, T value) => current.Write(writer, value);

    public T Read(ref StateReader reader) => widen(stored.Read(ref reader));
}

/// <summary>A number that may have been stored in a narrower type.</summary>
internal sealed class WideningSerializer<T>(
    IStateSerializer<T> inner,
    params (string Schema, Func<IStateSerializer<T>, IStateSerializer<T>> Reader)[] narrower) : IStateSerializer<T>
{
    public string Schema => inner.Schema;

    public bool IsImmutable => true;

    public IStateSerializer<T>? FindReader(string schema, out string reason)
    {
        reason = string.Empty;
        if (schema.Equals(Schema, StringComparison.Ordinal))
        {
            return this;
        }

        foreach (var (name, reader) in narrower)
        {
            if (schema.Equals(name, StringComparison.Ordinal))
            {
                return reader(inner);
            }
        }

        reason = $"its layout is '{Schema}', not '{schema}'";
        return null;
    }

    public void Write(StateWriter writer, T value) => inner.Write(writer, value);

    public T Read(ref StateReader reader) => inner.Read(ref reader);
}
