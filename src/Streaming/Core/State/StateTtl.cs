namespace DataPlatform.Streaming.State;

/// <summary>Lets values of a state expire, by the job's clock.</summary>
/// <remarks>
/// A value written at <c>t</c> is expired as soon as <c>t + Lifetime</c> is reached. Expired values are removed when they are met and a few
/// at
/// every write, so that state of keys that never come back goes away too. Whether a state has a lifetime is part of its layout.
/// </remarks>
public sealed record StateTtl
{
    /// <summary>Sets a lifetime.</summary>
    /// <param name="lifetime">How long a value lives; at least one millisecond.</param>
    public StateTtl(TimeSpan lifetime)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lifetime, TimeSpan.FromMilliseconds(1));
        LifetimeMs = (long)lifetime.TotalMilliseconds;
    }

    /// <summary>Whether reading a value begins its lifetime anew, as writing does. Default false.</summary>
    public bool RefreshOnRead { get; init; }

    /// <summary>Whether an expired value is still given out as long as it has not been removed. Default false.</summary>
    public bool ReturnExpired { get; init; }

    internal long LifetimeMs { get; }

    internal bool IsExpired(long writtenMs, long nowMs) => writtenMs <= nowMs - LifetimeMs;
}

/// <summary>A value and when it was written; the time is zero and not stored where there is no lifetime.</summary>
internal record struct Stamped<T>(T Value, long WrittenMs);

/// <summary>Serialises a stamped value: with the stamp where there is a lifetime, as the bare value otherwise.</summary>
internal sealed class StampedSerializer<T>(
    IStateSerializer<T> inner, bool stamps) : IStateSerializer<Stamped<T>>, ICanonicalSerializer<Stamped<T>>
{
    public string Schema => stamps ? $"ttl({inner.Schema})" : inner.Schema;

    public bool IsImmutable => inner.IsImmutable;

    public Stamped<T> Copy(Stamped<T> value) => value with { Value = inner.Copy(value.Value) };

    public bool CanRead(string schema) => stamps
        ? SchemaText.TryOpen(schema, "ttl", out var parts) && inner.CanRead(parts[0])
        : inner.CanRead(schema);

    public IStateSerializer<Stamped<T>>? FindReader(string schema, out string reason)
    {
        var isStamped = SchemaText.TryOpen(schema, "ttl", out var parts);
        reason = stamps ? "it was stored without a lifetime" : "it was stored with a lifetime";
        return isStamped == stamps && inner.FindReader(stamps ? parts[0] : schema, out reason) is { } found
            ? ReferenceEquals(found, inner) ? this : new StampedSerializer<T>(found, stamps)
            : null;
    }

    public void Write(StateWriter writer, Stamped<T> value)
    {
        if (stamps)
        {
            writer.WriteInt64(value.WrittenMs);
        }

        inner.Write(writer, value.Value);
    }

    public void WriteCanonical(StateWriter writer, Stamped<T> value)
    {
        if (inner is not ICanonicalSerializer<T> canonical)
        {
            Write(writer, value);
            return;
        }

        if (stamps)
        {
            writer.WriteInt64(value.WrittenMs);
        }

        canonical.WriteCanonical(writer, value.Value);
    }

    public Stamped<T> Read(ref StateReader reader)
    {
        var writtenMs = stamps ? reader.ReadInt64() : 0;
        return new Stamped<T>(inner.Read(ref reader), writtenMs);
    }
}
