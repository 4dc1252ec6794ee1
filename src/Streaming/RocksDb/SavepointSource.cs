using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.RocksDb.Native;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.RocksDb;

/// <summary>Turns the entries of a key group, in their order, into the bytes that a savepoint has for it.</summary>
internal delegate void WriteGroup(DatabaseIterator entries, long nowMs, StateWriter writer);

/// <summary>A state of a store.</summary>
internal sealed record DeclaredState(ColumnFamilyHandle Handle, string Schema, WriteGroup Write)
{
    public string Name => Handle.Name;
}

/// <summary>One state of a database at one moment, read in the background into the form that every back end reads.</summary>
internal sealed class SavepointSource : StateSource
{
    private readonly OperatorContext _context;
    private readonly Database _database;
    private readonly DeclaredState _state;
    private readonly SharedSnapshot _snapshot;
    private readonly long _nowMs;

    private SavepointSource(OperatorContext context, string keySchema, Database database, DeclaredState state, SharedSnapshot snapshot)
        : base(context.Uid, state.Name, StateKind.Keyed, keySchema, state.Schema)
    {
        _context = context;
        _database = database;
        _state = state;
        _snapshot = snapshot;
        _nowMs = context.Timers.NowMs;
    }

    public override KeyGroupRange Groups => _context.KeyGroups;

    public static void AddAll(
        SubtaskSnapshot snapshot, OperatorContext context, string keySchema, Database database, IReadOnlyList<DeclaredState> states)
    {
        if (states.Count > 0)
        {
            var moment = new SharedSnapshot(database.TakeSnapshot(), states.Count);
            foreach (var state in states)
            {
                snapshot.Add(new SavepointSource(context, keySchema, database, state, moment));
            }
        }
    }

    public override void Write(int keyGroup, StateWriter writer)
    {
        var from = new StateWriter();
        var below = new StateWriter();
        OrderedKeys.WriteGroup(from, keyGroup);
        KeyBounds.WriteSuccessor(below, from.WrittenSpan);
        using var iterator = _database.Iterate(_state.Handle, from.WrittenSpan, below.WrittenSpan, _snapshot.Handle, fillsCache: false);
        _state.Write(iterator, _nowMs, writer);
        _database.Check(iterator, _state.Handle);
    }

    public override void Dispose()
    {
        _snapshot.Release();
        base.Dispose();
    }

    private sealed class SharedSnapshot(SnapshotHandle handle, int users)
    {
        private int _users = users;

        public SnapshotHandle Handle => handle;

        public void Release()
        {
            if (Interlocked.Decrement(ref _users) == 0)
            {
                handle.Dispose();
            }
        }
    }
}

/// <summary>{ key, value }.</summary>
internal sealed class EntryWriterOf<TValue>(IStateSerializer<TValue> serializer, StatePrune<TValue>? prune)
{
    private readonly bool _isVerbatim = prune is null && !CanonicalSerializers.Differs(serializer);

    public void Write(DatabaseIterator entries, long nowMs, StateWriter writer)
    {
        for (; entries.IsValid; entries.Next())
        {
            Write(entries.Key[sizeof(ushort)..], entries.Value, nowMs, writer);
        }
    }

    /// <returns>False when the value has expired, and nothing was written.</returns>
    public bool Write(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long nowMs, StateWriter writer)
    {
        if (_isVerbatim)
        {
            writer.WriteRaw(key);
            writer.WriteRaw(value);
            return true;
        }

        var reader = new StateReader(value);
        var read = serializer.Read(ref reader);
        if (prune is not null && !prune(ref read, nowMs))
        {
            return false;
        }

        writer.WriteRaw(key);
        serializer.WriteCanonical(writer, read);
        return true;
    }
}

/// <summary>{ key, number of entries, { user key, value } }.</summary>
internal sealed class MapWriterOf<TValue>(IStateSerializer<TValue> serializer, StatePrune<TValue>? prune)
{
    public void Write(DatabaseIterator entries, long nowMs, StateWriter writer)
    {
        var values = new EntryWriterOf<TValue>(serializer, prune);
        var map = new StateWriter();
        var count = 0UL;
        byte[] current = [];
        for (; entries.IsValid; entries.Next())
        {
            var reader = new StateReader(entries.Key[sizeof(ushort)..]);
            var key = OrderedKeys.ReadPrefix(ref reader);
            if (!key.SequenceEqual(current) || count == 0)
            {
                End(current);
                current = key.ToArray();
            }

            if (values.Write(reader.ReadRaw(reader.Remaining), entries.Value, nowMs, map))
            {
                count++;
            }
        }

        End(current);

        void End(byte[] key)
        {
            if (count > 0)
            {
                writer.WriteRaw(key);
                writer.WriteVarUInt64(count);
                writer.WriteRaw(map.WrittenSpan);
            }

            map.Clear();
            count = 0;
        }
    }
}

/// <summary>{ slice start, first window, number of keys, { key, accumulator } }.</summary>
internal sealed class SliceWriter<TAccumulator>(IStateSerializer<TAccumulator> serializer)
{
    public void Write(DatabaseIterator entries, long nowMs, StateWriter writer)
    {
        var values = new EntryWriterOf<TAccumulator>(serializer, null);
        var part = new StateWriter();
        var count = 0UL;
        var current = default(SliceId);
        for (; entries.IsValid; entries.Next())
        {
            var slice = SliceKeyCodec<int>.ReadSlice(entries.Key);
            if (slice != current)
            {
                End();
                current = slice;
            }

            values.Write(entries.Key[SliceKeyCodec<int>.PrefixBytes..], entries.Value, nowMs, part);
            count++;
        }

        End();

        void End()
        {
            if (count > 0)
            {
                writer.WriteVarInt64(current.StartMs);
                writer.WriteVarInt64(current.FirstWindowMs);
                writer.WriteVarUInt64(count);
                writer.WriteRaw(part.WrittenSpan);
            }

            part.Clear();
            count = 0;
        }
    }
}

/// <summary>{ time, key, namespace }.</summary>
internal static class TimerWriter
{
    public static void Write(DatabaseIterator entries, long nowMs, StateWriter writer)
    {
        for (; entries.IsValid; entries.Next())
        {
            var reader = new StateReader(entries.Key[sizeof(ushort)..]);
            writer.WriteInt64(OrderedKeys.ReadInt64(ref reader));
            writer.WriteRaw(OrderedKeys.ReadPrefix(ref reader));
            writer.WriteRaw(reader.ReadRaw(reader.Remaining));
        }
    }
}
