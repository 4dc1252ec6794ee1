using System.Buffers.Binary;
using System.Data.Common;
using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Streaming.Sources;

namespace DataPlatform.Streaming.Cdc;

/// <summary>Reads a value from the payload of an outbox row.</summary>
/// <typeparam name="T">The value.</typeparam>
/// <param name="payload">The payload; valid during the call only.</param>
public delegate T OutboxDecoder<out T>(ReadOnlySpan<byte> payload);

/// <summary>
/// The outbox as a replayable source: splits are the numbers 0 to <c>splitCount - 1</c>, the position in a split is a sequence number.
/// It follows the table until it finds the end marker.
/// </summary>
/// <typeparam name="T">What the rows hold.</typeparam>
public sealed class OutboxSource<T> : ISource<T>, IDatasetSource
{
    private readonly Func<DbConnection> _connect;
    private readonly int _splitCount;
    private readonly OutboxDecoder<T> _decode;
    private readonly OutboxSignal? _signal;
    private readonly TimeSpan _pollInterval;

    /// <summary>Describes a source.</summary>
    /// <param name="connect">Makes a connection, not yet open, for each subtask.</param>
    /// <param name="splitCount">How many splits the writers use; fixed for the life of the table.</param>
    /// <param name="decode">Reads a value from a payload.</param>
    /// <param name="signal">Wakes readers at once when the writers are in this process; null to poll only.</param>
    /// <param name="pollInterval">How long to wait at the end of the table; null for 100 ms.</param>
    public OutboxSource(Func<DbConnection> connect, int splitCount, OutboxDecoder<T> decode, OutboxSignal? signal = null, TimeSpan? pollInterval = null)
    {
        ArgumentNullException.ThrowIfNull(connect);
        ArgumentOutOfRangeException.ThrowIfLessThan(splitCount, 1);
        ArgumentNullException.ThrowIfNull(decode);
        _connect = connect;
        _splitCount = splitCount;
        _decode = decode;
        _signal = signal;
        _pollInterval = pollInterval ?? TimeSpan.FromMilliseconds(100);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(_pollInterval, TimeSpan.Zero, nameof(pollInterval));
    }

    /// <summary>The name of what the outbox tells, for example <c>shop/orders</c>; null, the default, tells no lineage.</summary>
    public DatasetId? Dataset { get; init; }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SourceSplit>> ListSplitsAsync(CancellationToken cancellationToken)
        => ValueTask.FromResult<IReadOnlyList<SourceSplit>>([.. Enumerable.Range(0, _splitCount).Select(static n => new SourceSplit(IdOf(n), Encode(0)))]);

    /// <inheritdoc/>
    public ISourceReader<T> CreateReader(SourceReaderContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new OutboxReader<T>(_connect, _decode, _signal, _pollInterval, context);
    }

    internal static string IdOf(int split) => split.ToString("D6", CultureInfo.InvariantCulture);

    internal static byte[] Encode(long sequence)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, sequence);
        return bytes;
    }
}
