using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.Windows;

/// <summary>One open window of a key.</summary>
internal sealed class OpenWindow<TAccumulator>(TimeWindow window)
{
    public const int SlotsMax = 4;

    public TimeWindow Window { get; set; } = window;

    /// <summary>False before the first record and after a purge.</summary>
    public bool HasRecords { get; set; }

    public TAccumulator Accumulator = default!;

    public long[] Slots { get; } = new long[SlotsMax];

    /// <summary>Nothing to remember: no records, and no trigger in the middle of something.</summary>
    public bool IsBlank => !HasRecords && Array.TrueForAll(Slots, static s => s == 0);
}

/// <summary>The open windows of one key, ordered by start. There are few, so a scan is the fastest look-up.</summary>
internal sealed class WindowSet<TAccumulator>
{
    public List<OpenWindow<TAccumulator>> Windows { get; } = [];

    public OpenWindow<TAccumulator>? Find(TimeWindow window)
    {
        foreach (var open in Windows)
        {
            if (open.Window == window)
            {
                return open;
            }
        }

        return null;
    }

    public OpenWindow<TAccumulator> Add(TimeWindow window)
    {
        var added = new OpenWindow<TAccumulator>(window);
        var at = Windows.FindIndex(w => w.Window.StartMs > window.StartMs);
        Windows.Insert(at < 0 ? Windows.Count : at, added);
        return added;
    }

    /// <summary>Finds the windows that overlap or touch one, which is widened by each, in the order of time.</summary>
    public void Touching(ref TimeWindow window, List<OpenWindow<TAccumulator>> touching)
    {
        foreach (var open in Windows)
        {
            if (open.Window.Touches(window))
            {
                touching.Add(open);
                window = window.Cover(open.Window);
            }
        }
    }
}

/// <summary>{ start, end, has records, 4 slots, accumulator if any }.</summary>
internal sealed class WindowSetSerializer<TAccumulator>(
    IStateSerializer<TAccumulator> accumulator) : IStateSerializer<WindowSet<TAccumulator>>
{
    private const string Name = "windows/1";

    public string Schema => $"{Name}({accumulator.Schema})";

    public bool IsImmutable => false;

    public bool CanRead(string schema)
        => SchemaText.TryOpen(schema, Name, out var parts) && parts.Count == 1 && accumulator.CanRead(parts[0]);

    public IStateSerializer<WindowSet<TAccumulator>>? FindReader(string schema, out string reason)
    {
        reason = $"it holds no windows but '{schema}'";
        return SchemaText.TryOpen(
            schema, Name, out var parts) && parts.Count == 1 && accumulator.FindReader(parts[0], out reason) is { } found
            ? ReferenceEquals(found, accumulator) ? this : new WindowSetSerializer<TAccumulator>(found)
            : null;
    }

    public WindowSet<TAccumulator> Copy(WindowSet<TAccumulator> value)
    {
        var copy = new WindowSet<TAccumulator>();
        foreach (var open in value.Windows)
        {
            var copied = new OpenWindow<TAccumulator>(open.Window) { HasRecords = open.HasRecords, Accumulator = open.HasRecords ? accumulator.Copy(open.Accumulator) : open.Accumulator };
            open.Slots.CopyTo(copied.Slots, 0);
            copy.Windows.Add(copied);
        }

        return copy;
    }

    public void Write(StateWriter writer, WindowSet<TAccumulator> value)
    {
        writer.WriteVarUInt64((ulong)value.Windows.Count);
        foreach (var open in value.Windows)
        {
            open.Window.Write(writer);
            writer.WriteBoolean(open.HasRecords);
            foreach (var slot in open.Slots)
            {
                writer.WriteVarInt64(slot);
            }

            if (open.HasRecords)
            {
                accumulator.Write(writer, open.Accumulator);
            }
        }
    }

    public WindowSet<TAccumulator> Read(ref StateReader reader)
    {
        var set = new WindowSet<TAccumulator>();
        for (var count = reader.ReadVarUInt64(); count > 0; count--)
        {
            var window = new TimeWindow(reader.ReadInt64(), reader.ReadInt64());
            var open = new OpenWindow<TAccumulator>(window) { HasRecords = reader.ReadBoolean() };
            for (var slot = 0; slot < open.Slots.Length; slot++)
            {
                open.Slots[slot] = reader.ReadVarInt64();
            }

            if (open.HasRecords)
            {
                open.Accumulator = accumulator.Read(ref reader);
            }

            set.Windows.Add(open);
        }

        return set;
    }
}
