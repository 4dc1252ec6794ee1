using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.DataFiles;
using DataPlatform.Lakehouse.Tests.Kit;
using ParquetSharp.Arrow;

namespace DataPlatform.Lakehouse.Tests.DataFiles;

public sealed class NativeStreamTests
{
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_is_closed_once_Arrow_let_go_of_it_whatever_the_collector_took_meanwhile()
    {
        var store = new InMemoryObjectStore();
        var table = await DeltaTable.CreateAsync(store, Order.Mapping.Schema, null, _cancel);
        await table.AppendAsync([Order.Mapping.ToBatch(Order.Some(5_000))], _cancel);
        var bytes = (await store.TryGetAsync(table.Snapshot.Files[0].Path, _cancel))!.Value.ToArray();
        List<TrackedStream> streams = [];
        for (var round = 0; round < 300; round++)
        {
            streams.Add(new TrackedStream(bytes));
            ReadSome(streams[^1]);
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        while (streams.Any(stream => !stream.IsClosed))
        {
            GC.Collect();
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, _cancel);
        }
    }

    [Fact]
    public void What_is_no_Parquet_is_closed_when_it_is_refused()
    {
        var stream = new TrackedStream(new byte[100]);
        using var properties = ArrowReaderProperties.GetDefault();
        Assert.ThrowsAny<Exception>(() => NativeStream.OpenReader(stream, properties));
        Assert.True(stream.IsClosed);
    }

    /// <summary>Begins a read that fetches ahead on Arrow's threads, and leaves before it is done.</summary>
    private static void ReadSome(Stream stream)
    {
        using var properties = ArrowReaderProperties.GetDefault();
        properties.BatchSize = 100;
        using var reader = NativeStream.OpenReader(stream, properties);
        using var batches = reader.GetRecordBatchReader();
    }

    private sealed class TrackedStream(byte[] bytes) : MemoryStream(bytes, writable: false)
    {
        private volatile bool _isClosed;

        public bool IsClosed => _isClosed;

        public override int Read(Span<byte> buffer)
        {
            Thread.SpinWait(20_000);
            return base.Read(buffer);
        }

        protected override void Dispose(bool disposing)
        {
            _isClosed = true;
            base.Dispose(disposing);
        }
    }
}
