using System.Data;
using System.Data.Common;
using System.Globalization;
using DataPlatform.Kernel;

namespace DataPlatform.Streaming.Cdc;

/// <summary>The two statements of a reader, prepared once: how far the table goes, and the rows of a range.</summary>
internal sealed class OutboxQuery<T> : IDisposable
{
    private readonly Dictionary<int, long> _positions;
    private readonly OutboxDecoder<T> _decode;
    private readonly DbCommand _last;
    private readonly DbCommand _read;
    private readonly DbParameter _offset;
    private readonly DbParameter _max;
    private byte[] _payload = new byte[256];

    public OutboxQuery(DbConnection connection, Dictionary<int, long> positions, OutboxDecoder<T> decode)
    {
        _positions = positions;
        _decode = decode;
        _last = connection.CreateCommand();
        _last.CommandText = $"SELECT max(sequence) FROM {OutboxTable.Name}";
        _read = connection.CreateCommand();
        var splits = string.Join(", ", positions.Keys.Append(OutboxTable.EndMarkerSplit).Select(static s => s.ToString(CultureInfo.InvariantCulture)));
        _read.CommandText = $"""
            SELECT sequence, split, event_time_ms, payload FROM {OutboxTable.Name}
            WHERE sequence > @offset AND sequence <= @max AND split IN ({splits}) ORDER BY sequence
            """;
        _offset = AddParameter("@offset");
        _max = AddParameter("@max");
    }

    /// <summary>The highest sequence number in the table; 0 when it is empty.</summary>
    public long LastSequence() => _last.ExecuteScalar() is { } last and not DBNull ? Convert.ToInt64(last, CultureInfo.InvariantCulture) : 0;

    public void Read(long offset, long end, OutboxRange<T> range)
    {
        range.EndSequence = end;
        _offset.Value = offset;
        _max.Value = end;
        using var rows = _read.ExecuteReader(CommandBehavior.SingleResult);
        while (rows.Read())
        {
            var sequence = rows.GetInt64(0);
            var split = rows.GetInt32(1);
            if (split == OutboxTable.EndMarkerSplit)
            {
                range.IsLast = true;
                range.EndSequence = sequence;
                return;
            }

            // After a change of parallelism the splits of one reader may have come to different places.
            if (sequence > _positions[split])
            {
                range.Add(split, sequence, rows.GetInt64(2), Decode(rows, sequence));
            }
        }
    }

    public void Dispose()
    {
        _last.Dispose();
        _read.Dispose();
    }

    private T Decode(DbDataReader row, long sequence)
    {
        var length = checked((int)row.GetBytes(3, 0, null, 0, 0));
        if (length > _payload.Length)
        {
            _payload = new byte[length * 2];
        }

        row.GetBytes(3, 0, _payload, 0, length);
        try
        {
            return _decode(_payload.AsSpan(0, length));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new StreamJobException(ErrorKind.Invalid, $"Row {sequence} of the outbox could not be decoded ({length} bytes): {e.Message}", e);
        }
    }

    private DbParameter AddParameter(string name)
    {
        var parameter = _read.CreateParameter();
        parameter.ParameterName = name;
        parameter.DbType = DbType.Int64;
        _read.Parameters.Add(parameter);
        return parameter;
    }
}
