using System.Diagnostics.CodeAnalysis;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Windows;

/// <summary>One session of a key and what it holds.</summary>
internal struct Session<TAccumulator>(TimeWindow window, TAccumulator accumulator)
{
    public TimeWindow Window = window;
    public TAccumulator Accumulator = accumulator;

    /// <summary>Whether it has been given out, unchanged since.</summary>
    public bool IsFired;
}

/// <summary>
/// The sessions of one key in the order of time. Nearly always there is one, which lies in place; further ones are kept in an array that is
/// replaced, never changed, so that a frozen page of the table stays as it was.
/// </summary>
internal struct SessionSet<TAccumulator>
{
    /// <summary>No look-out has been set.</summary>
    public const long None = long.MaxValue;

    private Session<TAccumulator> _first;
    private Session<TAccumulator>[]? _more;
    private bool _hasLookOut;
    private long _lookOutMs;

    public int Count { get; private set; }

    /// <summary>When the operator will look at the key; not state, for it follows from the sessions.</summary>
    public long LookOutMs
    {
        readonly get => _hasLookOut ? _lookOutMs : None;
        set => (_hasLookOut, _lookOutMs) = (value != None, value);
    }

    /// <summary>One session, to be read.</summary>
    [UnscopedRef]
    public readonly ref readonly Session<TAccumulator> Peek(int index) => ref index == 0 ? ref _first : ref _more![index - 1];

    /// <summary>One session, to be changed in place before the next call.</summary>
    [UnscopedRef]
    public ref Session<TAccumulator> At(int index)
    {
        if (index == 0)
        {
            return ref _first;
        }

        // A snapshot may share the array.
        _more = [.. _more!];
        return ref _more[index - 1];
    }

    /// <summary>The first session that overlaps or touches a window, or -1.</summary>
    public readonly int FirstTouching(TimeWindow window)
    {
        if (Count > 0 && _first.Window.Touches(window))
        {
            return 0;
        }

        for (var at = 1; at < Count; at++)
        {
            if (_more![at - 1].Window.Touches(window))
            {
                return at;
            }
        }

        return -1;
    }

    /// <returns>The place of the new session.</returns>
    public int Insert(Session<TAccumulator> added)
    {
        var all = ToArray();
        var at = 0;
        while (at < all.Length && all[at].Window.StartMs < added.Window.StartMs)
        {
            at++;
        }

        Set([.. all.AsSpan(0, at), added, .. all.AsSpan(at)]);
        return at;
    }

    public void RemoveAt(int index)
    {
        if (Count == 1)
        {
            Set([]);
            return;
        }

        var all = ToArray();
        Set([.. all.AsSpan(0, index), .. all.AsSpan(index + 1)]);
    }

    public readonly Session<TAccumulator>[] ToArray() => Count switch
    {
        0 => [],
        1 => [_first],
        _ => [_first, .. _more!],
    };

    /// <summary>Puts other sessions in the place of all.</summary>
    public void Set(Session<TAccumulator>[] all)
    {
        Count = all.Length;
        _first = all.Length > 0 ? all[0] : default;
        _more = all.Length > 1 ? all[1..] : null;
    }
}

/// <summary>{ number, { start, end, has fired, accumulator } }.</summary>
internal sealed class SessionSetSerializer<TAccumulator>(IStateSerializer<TAccumulator> accumulator) : IStateSerializer<SessionSet<TAccumulator>>
{
    private const string Name = "sessions/1";

    public string Schema => $"{Name}({accumulator.Schema})";

    public bool IsImmutable => accumulator.IsImmutable;

    public bool CanRead(string schema) => SchemaText.TryOpen(schema, Name, out var parts) && parts.Count == 1 && accumulator.CanRead(parts[0]);

    public IStateSerializer<SessionSet<TAccumulator>>? FindReader(string schema, out string reason)
    {
        reason = $"it holds no sessions but '{schema}'";
        return SchemaText.TryOpen(schema, Name, out var parts) && parts.Count == 1 && accumulator.FindReader(parts[0], out reason) is { } found
            ? ReferenceEquals(found, accumulator) ? this : new SessionSetSerializer<TAccumulator>(found)
            : null;
    }

    public void Write(StateWriter writer, SessionSet<TAccumulator> value)
    {
        writer.WriteVarUInt64((ulong)value.Count);
        foreach (var session in value.ToArray())
        {
            session.Window.Write(writer);
            writer.WriteBoolean(session.IsFired);
            accumulator.Write(writer, session.Accumulator);
        }
    }

    public SessionSet<TAccumulator> Read(ref StateReader reader)
    {
        var set = default(SessionSet<TAccumulator>);
        for (var count = reader.ReadVarUInt64(); count > 0; count--)
        {
            var window = new TimeWindow(reader.ReadInt64(), reader.ReadInt64());
            var isFired = reader.ReadBoolean();
            set.Insert(new Session<TAccumulator>(window, accumulator.Read(ref reader)) { IsFired = isFired });
        }

        return set;
    }
}
