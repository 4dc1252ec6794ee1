using System.Buffers;
using DataPlatform.Streaming;
using DataPlatform.Streaming.State;
using MemoryPack;

namespace DataPlatform.Benchmarks.Streaming;

/// <summary>A bid, for both serialisers.</summary>
[StreamRecord]
[MemoryPackable]
internal sealed partial record BenchBid(
    [Field(1)] long Auction,
    [Field(2)] long Bidder,
    [Field(3)] long Price,
    [Field(4)] string Channel,
    [Field(5)] string Url,
    [Field(6)] long TimeMs);

/// <summary>A struct of numbers.</summary>
[StreamRecord]
[MemoryPackable]
internal readonly partial record struct BenchPoint([Field(1)] long A, [Field(2)] long B, [Field(3)] int C, [Field(4)] double D);

/// <summary>Generated serialisers beside MemoryPack: 1,000 records into a reused buffer and back.</summary>
internal static class SerializerBenchmark
{
    private const int Records = 1_000;
    private const int Rounds = 3_000;
    private const int Runs = 5;

    public static Task RunAsync(BenchmarkReport report)
    {
        var bids = Enumerable.Range(0, Records).Select(
            static i => new BenchBid(i, i * 3L, i * 7L, "channel-" + (i % 4), $"https://www.nexmark.com/item/{i}", i * 10L)).ToArray();
        var points = Enumerable.Range(0, Records).Select(static i => new BenchPoint(i, -i, i, i / 3.0)).ToArray();
        Measure(report, "bid record", bids);
        Measure(report, "point struct", points);
        return Task.CompletedTask;
    }

    private static void Measure<T>(BenchmarkReport report, string name, T[] records)
    {
        var serializer = StateSerializer.Of<T>();
        var writer = new StateWriter();
        var buffer = new ArrayBufferWriter<byte>(1 << 20);
        var (ours, theirs, oursBack, theirsBack) = (double.MaxValue, double.MaxValue, double.MaxValue, double.MaxValue);
        for (var run = 0; run < Runs; run++)
        {
            ours = Math.Min(ours, StateBench.SecondsOf(() => WriteOurs(serializer, writer, records)));
            theirs = Math.Min(theirs, StateBench.SecondsOf(() => WriteTheirs(buffer, records)));
            oursBack = Math.Min(oursBack, StateBench.SecondsOf(() => ReadOurs(serializer, writer, records.Length)));
            theirsBack = Math.Min(theirsBack, StateBench.SecondsOf(() => ReadTheirs<T>(buffer, records.Length)));
        }

        const double Total = (double)Records * Rounds / 1e6;
        report.Add(new Figure("state", $"{name}: write", Total / ours, "M/s", "MemoryPack", Total / theirs));
        report.Add(new Figure("state", $"{name}: read", Total / oursBack, "M/s", "MemoryPack", Total / theirsBack));
        report.Add(new Figure("state", $"{name}: bytes a record", (double)writer.Length / records.Length, "B", "MemoryPack", (double)buffer.WrittenCount / records.Length));
    }

    private static void WriteOurs<T>(IStateSerializer<T> serializer, StateWriter writer, T[] records)
    {
        for (var round = 0; round < Rounds; round++)
        {
            writer.Clear();
            foreach (var record in records)
            {
                serializer.Write(writer, record);
            }
        }
    }

    private static void WriteTheirs<T>(ArrayBufferWriter<byte> buffer, T[] records)
    {
        using var state = MemoryPackWriterOptionalStatePool.Rent(MemoryPackSerializerOptions.Default);
        for (var round = 0; round < Rounds; round++)
        {
            buffer.ResetWrittenCount();
            var target = buffer;
            var writer = new MemoryPackWriter<ArrayBufferWriter<byte>>(ref target, state);
            foreach (var record in records)
            {
                writer.WriteValue(record);
            }

            writer.Flush();
        }
    }

    private static void ReadOurs<T>(IStateSerializer<T> serializer, StateWriter writer, int count)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var reader = new StateReader(writer.WrittenSpan);
            for (var i = 0; i < count; i++)
            {
                Consume(serializer.Read(ref reader));
            }
        }
    }

    private static void ReadTheirs<T>(ArrayBufferWriter<byte> buffer, int count)
    {
        using var state = MemoryPackReaderOptionalStatePool.Rent(MemoryPackSerializerOptions.Default);
        for (var round = 0; round < Rounds; round++)
        {
            var reader = new MemoryPackReader(buffer.WrittenSpan, state);
            for (var i = 0; i < count; i++)
            {
                Consume(reader.ReadValue<T>());
            }
        }
    }

    /// <summary>Keeps the compiler from leaving out what nobody looks at.</summary>
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void Consume<T>(T? value) => GC.KeepAlive(value is null);
}
