using System.Buffers.Binary;
using DataPlatform.Kernel;
using DataPlatform.Quality.Anomalies;
using DataPlatform.Streaming.Sinks;

namespace DataPlatform.Quality.StreamChecks;

/// <summary>Puts what a check saw into series: records and the share that failed, a point per window at its start.</summary>
/// <remarks>
/// Points are kept when their checkpoint is complete, and a point kept again replaces itself: after any number of crashes a window has one point, and
/// the right one.
/// </remarks>
public sealed class WindowSeriesSink : ISink<WindowQuality>
{
    private readonly ISeriesStore _store;
    private readonly string _table;

    /// <summary>Makes a sink.</summary>
    /// <param name="store">Where points are kept.</param>
    /// <param name="table">The table or stream that series are named after.</param>
    public WindowSeriesSink(ISeriesStore store, string table)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentException.ThrowIfNullOrWhiteSpace(table);
        (_store, _table) = (store, table);
    }

    /// <inheritdoc/>
    public ISinkWriter<WindowQuality> CreateWriter(SinkWriterContext context) => new Writer();

    /// <inheritdoc/>
    public ISinkCommitter CreateCommitter(SinkCommitterContext context) => new Committer(_store, _table);

    /// <summary>Windows as three numbers each: start, records, failed.</summary>
    private sealed class Writer : ISinkWriter<WindowQuality>
    {
        private List<WindowQuality> _windows = [];

        public void Write(ReadOnlySpan<WindowQuality> records, ReadOnlySpan<long> eventTimesMs) => _windows.AddRange(records);

        public ValueTask<ReadOnlyMemory<byte>> PrepareCommitAsync(long checkpointId, CancellationToken cancellationToken)
        {
            var windows = _windows;
            _windows = [];
            var bytes = new byte[windows.Count * Committer.WindowBytes];
            for (var i = 0; i < windows.Count; i++)
            {
                var at = bytes.AsSpan(i * Committer.WindowBytes);
                BinaryPrimitives.WriteInt64LittleEndian(at, windows[i].StartMs);
                BinaryPrimitives.WriteInt64LittleEndian(at[8..], windows[i].Records);
                BinaryPrimitives.WriteInt64LittleEndian(at[16..], windows[i].Failed);
            }

            return ValueTask.FromResult<ReadOnlyMemory<byte>>(bytes);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class Committer(ISeriesStore store, string table) : ISinkCommitter
    {
        public const int WindowBytes = 24;

        public async ValueTask CommitAsync(long checkpointId, IReadOnlyList<ReadOnlyMemory<byte>> committables, CancellationToken cancellationToken)
        {
            List<SeriesPoint> points = [];
            foreach (var bytes in committables)
            {
                if (bytes.Length % WindowBytes != 0)
                {
                    throw new QualityException(ErrorKind.Corrupt, $"What checkpoint {checkpointId} kept of the windows of '{table}' is damaged.");
                }

                for (var at = 0; at < bytes.Length; at += WindowBytes)
                {
                    Add(points, bytes.Span[at..]);
                }
            }

            await store.PutAsync(points, cancellationToken).ConfigureAwait(false);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private void Add(List<SeriesPoint> points, ReadOnlySpan<byte> window)
        {
            var start = DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(window));
            var (records, failed) = (BinaryPrimitives.ReadInt64LittleEndian(window[8..]), BinaryPrimitives.ReadInt64LittleEndian(window[16..]));
            points.Add(new SeriesPoint(SeriesName.Of(table, SeriesMeasure.WindowRecords), new MetricPoint(start, records)));
            points.Add(new SeriesPoint(SeriesName.Of(table, SeriesMeasure.WindowFailedShare), new MetricPoint(start, records == 0 ? 0 : (double)failed / records)));
        }
    }
}
