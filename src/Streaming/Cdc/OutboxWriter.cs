using System.Data;
using System.Data.Common;

namespace DataPlatform.Streaming.Cdc;

/// <summary>Appends rows to the outbox in the transactions of its caller, so that a change and its event are one.</summary>
/// <remarks>Belongs to one connection, and is as thread-safe as that: not at all.</remarks>
public sealed class OutboxWriter : IDisposable
{
    private readonly DbCommand _insert;
    private readonly DbParameter _split;
    private readonly DbParameter _eventTimeMs;
    private readonly DbParameter _payload;

    /// <summary>Prepares to append.</summary>
    /// <param name="connection">An open connection to the database that holds the outbox; see <see cref="OutboxTable.Create"/>.</param>
    public OutboxWriter(DbConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        _insert = connection.CreateCommand();
        _insert.CommandText = $"INSERT INTO {OutboxTable.Name} (split, event_time_ms, payload) VALUES (@split, @time, @payload)";
        _split = AddParameter("@split", DbType.Int32);
        _eventTimeMs = AddParameter("@time", DbType.Int64);
        _payload = AddParameter("@payload", DbType.Binary);
    }

    /// <summary>Appends one row.</summary>
    /// <param name="transaction">The caller's transaction; the row exists when it commits.</param>
    /// <param name="split">The split, from 0; rows of one split are read in order.</param>
    /// <param name="eventTimeMs">The event time, milliseconds since 1970-01-01 UTC.</param>
    /// <param name="payload">The event, as the source's decoder reads it.</param>
    public void Append(DbTransaction transaction, int split, long eventTimeMs, byte[] payload)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(split);
        ArgumentNullException.ThrowIfNull(payload);
        Insert(transaction, split, eventTimeMs, payload);
    }

    /// <summary>Marks the end: a stream that has read up to here is done.</summary>
    /// <param name="transaction">The caller's transaction.</param>
    public void Complete(DbTransaction transaction) => Insert(transaction, OutboxTable.EndMarkerSplit, 0, []);

    /// <inheritdoc/>
    public void Dispose() => _insert.Dispose();

    private void Insert(DbTransaction transaction, int split, long eventTimeMs, byte[] payload)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        _insert.Transaction = transaction;
        _split.Value = split;
        _eventTimeMs.Value = eventTimeMs;
        _payload.Value = payload;
        _insert.ExecuteNonQuery();
    }

    private DbParameter AddParameter(string name, DbType type)
    {
        var parameter = _insert.CreateParameter();
        parameter.ParameterName = name;
        parameter.DbType = type;
        _insert.Parameters.Add(parameter);
        return parameter;
    }
}
