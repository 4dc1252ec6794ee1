using DataPlatform.Kernel;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Checkpoints;

/// <summary>Reads the bytes that belong to one key group, or one subtask's share of state without keys.</summary>
internal delegate void RestoreRead(ref StateReader reader);

/// <summary>Reads the bytes that belong to one key group with what reads values of their layout.</summary>
internal delegate void RestoreRead<T>(ref StateReader reader, IStateSerializer<T> values);

/// <summary>A database of a checkpoint, in a folder of this machine that whoever opens it owns.</summary>
/// <param name="Description">What it is.</param>
/// <param name="Folder">Where its files are.</param>
/// <param name="IsClaimed">Whether later checkpoints may refer to the files that it was fetched from.</param>
internal sealed record FetchedDatabase(StateDatabase Description, string Folder, bool IsClaimed);

/// <summary>What a checkpoint holds of one operator, as far as one subtask needs it.</summary>
internal sealed class RestoredOperator(
    string uid,
    IReadOnlyList<(StateSection Section, ReadOnlyMemory<byte> Body)> sections,
    KeyGroupRange groups,
    IReadOnlyList<FetchedDatabase>? databases = null)
{
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    /// <summary>Databases that hold key groups of the subtask, and perhaps others.</summary>
    public IReadOnlyList<FetchedDatabase> Databases { get; } = databases ?? [];

    /// <summary>Names of states that the checkpoint holds and nobody has asked for.</summary>
    public IReadOnlyList<string> Unread => [.. sections.Select(static s => s.Section.State)
        .Concat(Databases.SelectMany(static d => d.Description.States.Select(static s => s.Name)))
        .Distinct(StringComparer.Ordinal).Where(s => !_read.Contains(s))];

    /// <summary>Says that a state is read by other means.</summary>
    public void MarkRead(string state) => _read.Add(state);

    /// <summary>Reads a state, part by part: each key group of the subtask, or each old subtask's share.</summary>
    /// <exception cref="StreamJobException">The stored layout is not one that the serialisers read, or the bytes are not of that
    /// layout.</exception>
    public void Read(string state, Func<string, bool> canReadKey, Func<string, bool> canReadValue, RestoreRead read)
    {
        _read.Add(state);
        foreach (var (section, body) in sections)
        {
            if (!section.State.Equals(state, StringComparison.Ordinal))
            {
                continue;
            }

            Check(section, "key", section.KeySchema, canReadKey);
            Check(section, "value", section.Schema, canReadValue);
            try
            {
                ReadSection(section, body.Span, read);
            }
            catch (Exception e) when (e is EndOfStreamException or ArgumentException or OverflowException)
            {
                throw new StreamJobException(
                    ErrorKind.Corrupt, $"State '{state}' of operator '{uid}' in '{section.File}' is not of the layout it claims ({section.Schema}): {e.Message}", e);
            }
        }
    }

    /// <summary>Reads a state whose values may have been stored in an older layout.</summary>
    /// <exception cref="StreamJobException">As above.</exception>
    public void Read<TKey, TValue>(
        string state, IStateSerializer<TKey> keySerializer, IStateSerializer<TValue> valueSerializer, RestoreRead<TValue> read)
    {
        var values = valueSerializer;
        Read(state, keySerializer.CanRead, Choose, (ref StateReader reader) => read(ref reader, values));

        // Asked before each section, which may have a layout of its own.
        bool Choose(string storedSchema)
        {
            values = ReaderOf(state, valueSerializer, storedSchema);
            return true;
        }
    }

    /// <summary>Reads state without keys.</summary>
    /// <exception cref="StreamJobException">As above, or it was stored as another kind of state.</exception>
    public void Read<TValue>(string state, StateKind kind, IStateSerializer<TValue> serializer, RestoreRead<TValue> read)
    {
        if (sections.Select(static s => s.Section).FirstOrDefault(s => s.State.Equals(state, StringComparison.Ordinal) && s.Kind != kind) is { } other)
        {
            throw new StreamJobException(ErrorKind.Invalid, $"State '{state}' of operator '{uid}' was stored as {other.Kind} and is declared as {kind}: give it another name.");
        }

        var values = serializer;
        Read(state, static _ => true, Choose, (ref StateReader reader) => read(ref reader, values));

        bool Choose(string storedSchema)
        {
            values = ReaderOf(state, serializer, storedSchema);
            return true;
        }
    }

    /// <summary>Finds what reads values of a stored layout.</summary>
    /// <exception cref="StreamJobException">There is nothing; says what differs.</exception>
    public IStateSerializer<T> ReaderOf<T>(string state, IStateSerializer<T> serializer, string storedSchema)
        => serializer.FindReader(storedSchema, out var reason)
            ?? throw new StreamJobException(
                ErrorKind.Invalid,
                $"State '{state}' of operator '{uid}' cannot be restored: {reason}. Register a serialiser that reads the stored layout, or give the state another name.");

    private void ReadSection(StateSection section, ReadOnlySpan<byte> body, RestoreRead read)
    {
        var reader = new StateReader(body);
        while (reader.Remaining > 0)
        {
            var group = checked((int)reader.ReadVarUInt64());
            var part = new StateReader(reader.ReadBytes());
            if (section.Kind != StateKind.Keyed || groups.Contains(group))
            {
                read(ref part);
            }
        }
    }

    private void Check(StateSection section, string part, string stored, Func<string, bool> canRead)
    {
        if (!canRead(stored))
        {
            throw new StreamJobException(
                ErrorKind.Invalid, $"State '{section.State}' of operator '{uid}' was stored with {part} layout '{stored}', which its serialiser does not read: register one that does.");
        }
    }
}
