using System.Diagnostics.Metrics;
using DataPlatform.Streaming.Runtime;
using DataPlatform.Streaming.Sources;
using DataPlatform.Streaming.Testing;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Tests.Diagnostics;

public sealed class InstrumentTests
{
    [Fact]
    public async Task A_running_job_is_seen_through_the_meter_and_as_a_snapshot()
    {
        var stepped = new SteppedJob();
        var source = new HarnessSource<long>();
        var job = new StreamJobBuilder("metered", new StreamJobOptions { Time = stepped.Clock });
        job.FromSource("in", "in", source, WatermarkStrategy.Custom(() => (IWatermarkGenerator<long>)source)).Rebalance().Map(static n => (int)n, "narrow").SinkTo("out", "out", new CollectingSink<int>());
        await stepped.StartAsync(job.Build());
        var start = stepped.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        source.Push(1, start - 5_000);
        source.Push(2, start - 4_000);
        source.Watermark(start - 4_000);
        stepped.Settle();
        stepped.Advance(TimeSpan.FromSeconds(3));
        var checkpoint = stepped.Run.TriggerCheckpointAsync(TestContext.Current.CancellationToken);
        await stepped.UntilAsync(checkpoint);

        var seen = Read("metered");

        var narrow = stepped.Run.Snapshot().Total("narrow");
        Assert.Equal((2, 2, 32, 24), (narrow.RecordsIn, narrow.RecordsOut, narrow.BytesIn, narrow.BytesOut));
        Assert.Equal(TimeSpan.FromSeconds(7), narrow.WatermarkLag);
        Assert.Equal(TimeSpan.FromSeconds(3), narrow.Idle);
        Assert.Equal(2, seen["dataplatform.streaming.records.in/narrow"]);
        Assert.Equal(32, seen["dataplatform.streaming.bytes.in/narrow"]);
        Assert.Equal(7, seen["dataplatform.streaming.watermark.lag/narrow"]);
        Assert.Equal(3, seen["dataplatform.streaming.time.idle/narrow"]);
        var state = stepped.Run.Snapshot().Total("in").StateBytes;
        Assert.InRange(state, 1, stepped.Run.Snapshot().LastCheckpoint!.SizeBytes);
        Assert.Equal(state, seen["dataplatform.streaming.state.size/in"]);
        source.Complete();
        stepped.Settle();
        await stepped.UntilAsync(stepped.Run.Completion);
        Assert.Empty(Read("metered"));
    }

    [Theory]
    [InlineData(200, 0, 0, 1, 8)] // nothing is known yet
    [InlineData(200, 100, 1000, 1, 8)] // fast: everything
    [InlineData(200, 5000, 100, 1, 4)] // 50 ms a batch
    [InlineData(200, 5000, 100, 2, 2)] // shared by two channels
    [InlineData(200, 90_000, 10, 1, 1)] // slow: never less than one
    public void As_many_batches_wait_as_are_worked_off_in_time(int targetMs, int busyMs, long batches, int channels, int credit)
        => Assert.Equal(credit, BufferDebloat.Credit(TimeSpan.FromMilliseconds(targetMs), TimeSpan.FromMilliseconds(busyMs), batches, channels, 8));

    private static Dictionary<string, double> Read(string job)
    {
        var seen = new Dictionary<string, double>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == "DataPlatform.Streaming")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();
        listener.RecordObservableInstruments();
        return seen;

        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            if (tags.ToArray().Contains(new KeyValuePair<string, object?>("job", job)))
            {
                seen[$"{instrument.Name}/{tags.ToArray().FirstOrDefault(static t => t.Key == "operator").Value}"] = value;
            }
        }
    }
}
