using DataPlatform.Kernel;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Checkpoints;

/// <summary>Reads the bytes that belong to one key group, or one subtask's share of state without keys.</summary>
internal delegate void RestoreRead(ref StateReader reader);

/// <summary>What a checkpoint holds of one operator, as far as one subtask needs it.</summary>
internal sealed class RestoredOperator(string uid, IReadOnlyList<(StateSection Section, ReadOnlyMemory<byte> Body)> sections, KeyGroupRange groups)
{
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    /// <summary>Names of states that the checkpoint holds and nobody has asked for.</summary>
    public IReadOnlyList<string> Unread => [.. sections.Select(static s => s.Section.State).Distinct(StringComparer.Ordinal).Where(s => !_read.Contains(s))];

    /// <summary>Says that a state is read by other means.</summary>
    public void MarkRead(string state) => _read.Add(state);

    /// <summary>Reads a state, part by part: each key group of the subtask, or each old subtask's share.</summary>
    /// <exception cref="StreamJobException">The stored layout is not one that the serialisers read, or the bytes are not of that layout.</exception>
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
