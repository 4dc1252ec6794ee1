using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.RocksDb.Native;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.RocksDb;

/// <summary>
/// Makes the database of a subtask from those that a checkpoint holds. The one with most of the subtask's key groups is taken as it is and
/// what does not belong to the subtask is cut off; the groups of the others are copied into it.
/// </summary>
internal static class DatabaseRestore
{
    private const int BatchBytes = 4 << 20;

    public static (Database Database, UploadedFiles Uploaded) Open(
        RocksDbStateBackend backend, OperatorContext context, IReadOnlyList<FetchedDatabase> fetched)
    {
        if (fetched.Count == 0)
        {
            return (Database.Open(context, backend.Folder.Next("db"), [], backend.Options, backend.Memory), new UploadedFiles([]));
        }

        var groups = context.KeyGroups;
        var ordered = fetched.OrderByDescending(f => Overlap(f.Description, groups)).ToList();
        var database = Database.Open(context, ordered[0].Folder, Names(ordered[0]), backend.Options, backend.Memory);
        try
        {
            Clip(database, groups);
            foreach (var other in ordered.Skip(1))
            {
                Copy(backend, context, other, database);
                RocksDbStateBackend.Remove(other.Folder);
            }
        }
        catch
        {
            database.Dispose();
            throw;
        }

        // Files of a database that others own must not be referred to.
        var known = ordered[0].IsClaimed ? ordered[0].Description.Files.Where(
            static f => f.Name.EndsWith(".sst", StringComparison.Ordinal)) : [];
        return (database, new UploadedFiles(known));
    }

    private static IEnumerable<string> Names(FetchedDatabase fetched) => fetched.Description.States.Select(static s => s.Name);

    private static int Overlap(StateDatabase database, KeyGroupRange groups)
        => Math.Min(database.LastKeyGroup, groups.Last) - Math.Max(database.FirstKeyGroup, groups.First) + 1;

    private static void Clip(Database database, KeyGroupRange groups)
    {
        using var batch = new BatchHandle();
        foreach (var name in database.Families.ToList())
        {
            var family = database.Family(name);
            if (groups.First > 0)
            {
                batch.DeleteRange(family, Bound(0), Bound(groups.First));
            }

            if (groups.Last < KeyGroups.CountMax - 1)
            {
                batch.DeleteRange(family, Bound(groups.Last + 1), [byte.MaxValue, byte.MaxValue, byte.MaxValue]);
            }
        }

        database.Write(batch);
    }

    private static void Copy(RocksDbStateBackend backend, OperatorContext context, FetchedDatabase fetched, Database target)
    {
        using var source = Database.Open(context, fetched.Folder, Names(fetched), backend.Options, backend.Memory);
        using var batch = new BatchHandle();
        var first = Math.Max(context.KeyGroups.First, fetched.Description.FirstKeyGroup);
        var last = Math.Min(context.KeyGroups.Last, fetched.Description.LastKeyGroup);
        foreach (var name in source.Families.ToList())
        {
            var from = source.Family(name);
            var to = target.Family(name);
            using var iterator = source.Iterate(from, Bound(first), Bound(last + 1), fillsCache: false);
            for (; iterator.IsValid; iterator.Next())
            {
                batch.Put(to, iterator.Key, iterator.Value);
                if (batch.Bytes >= BatchBytes)
                {
                    target.Write(batch);
                }
            }

            source.Check(iterator, from);
        }

        target.Write(batch);
    }

    private static byte[] Bound(int keyGroup)
    {
        var writer = new StateWriter();
        OrderedKeys.WriteGroup(writer, keyGroup);
        return writer.WrittenSpan.ToArray();
    }
}

/// <summary>The layouts in which the restored databases hold their states.</summary>
internal sealed class RestoredLayouts(RestoredOperator? restored)
{
    private const int BatchBytes = 4 << 20;

    /// <summary>Refuses keys that would be placed elsewhere now.</summary>
    public void CheckKeys<TKey>(string state, IStateSerializer<TKey> keys, OperatorContext context, string schema)
    {
        foreach (var stored in Stored(state))
        {
            if (!keys.CanRead(stored.KeySchema))
            {
                throw new StreamJobException(
                    Kernel.ErrorKind.Invalid,
                    $"State '{state}' of operator '{context.Uid}' (now '{schema}') was stored with key layout '{stored.KeySchema}', which '{keys.Schema}' does not read: keys cannot change their layout.");
            }
        }
    }

    /// <summary>Rewrites values that lie in an older layout.</summary>
    public void Migrate<TKey, TValue>(StateFamily<TKey> family, BatchHandle batch, IStateSerializer<TValue> serializer)
        where TKey : notnull
        => Migrate(family, batch, serializer, serializer);

    /// <summary>The same where the state's layout is that of a map, and an entry holds one of its values.</summary>
    public void Migrate<TKey, TStored, TValue>(
        StateFamily<TKey> family, BatchHandle batch, IStateSerializer<TStored> stored, IStateSerializer<TValue> serializer)
        where TKey : notnull
    {
        var layouts = Stored(family.Handle.Name).Select(static s => s.Schema).Distinct(StringComparer.Ordinal).ToList();
        if (layouts.Count == 0 || layouts is [var only] && only.Equals(stored.Schema, StringComparison.Ordinal))
        {
            return;
        }

        if (layouts.Count > 1)
        {
            throw new StreamJobException(
                Kernel.ErrorKind.Corrupt, $"State '{family.Handle.Name}' of operator '{family.Context.Uid}' has several layouts in one checkpoint: {string.Join(" and ", layouts)}.");
        }

        _ = restored!.ReaderOf(family.Handle.Name, stored, layouts[0]);
        var entryLayout = stored is IStateSerializer<TValue> ? layouts[0] : SchemaText.TryOpen(
            layouts[0], "map", out var parts) ? parts[1] : layouts[0];
        Rewrite(family, batch, restored.ReaderOf(family.Handle.Name, serializer, entryLayout), serializer);
    }

    private static void Rewrite<TKey, TValue>(
        StateFamily<TKey> family, BatchHandle batch, IStateSerializer<TValue> reads, IStateSerializer<TValue> writes)
        where TKey : notnull
    {
        if (ReferenceEquals(reads, writes))
        {
            return;
        }

        var bytes = new StateWriter();
        using var iterator = family.Database.Iterate(family.Handle, [], default, fillsCache: false);
        for (; iterator.IsValid; iterator.Next())
        {
            var reader = new StateReader(iterator.Value);
            bytes.Clear();
            writes.Write(bytes, reads.Read(ref reader));
            batch.Put(family.Handle, iterator.Key, bytes.WrittenSpan);
            if (batch.Bytes >= BatchBytes)
            {
                family.Database.Write(batch);
            }
        }

        family.Database.Check(iterator, family.Handle);
        family.Database.Write(batch);
    }

    private IEnumerable<DatabaseState> Stored(string state)
        => restored?.Databases.SelectMany(static d => d.Description.States).Where(
            s => s.Name.Equals(state, StringComparison.Ordinal)) ?? [];
}
