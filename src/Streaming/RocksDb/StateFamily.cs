using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.RocksDb.Native;
using DataPlatform.Streaming.State;

namespace DataPlatform.Streaming.RocksDb;

/// <summary>Something with changes in memory that the database must have before a barrier.</summary>
internal interface IFlushed
{
    /// <summary>Puts the changes into the store's batch.</summary>
    void Flush();
}

/// <summary>What the states of one store share, and the column family of one of them.</summary>
internal sealed record StateFamily<TKey>(
    Database Database, ColumnFamilyHandle Handle, BatchHandle Batch, OperatorContext Context, IStateSerializer<TKey> Keys)
    where TKey : notnull
{
    public KeyRun Run { get; } = new(Context.KeyGroups, []);
}
