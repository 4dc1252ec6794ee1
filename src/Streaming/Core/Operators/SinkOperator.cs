using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Runtime;
using DataPlatform.Streaming.Sinks;

namespace DataPlatform.Streaming.Operators;

/// <summary>Hands records to a sink writer, and what the writer prepares to the checkpoint.</summary>
internal sealed class SinkOperator<T>(ISink<T> sink) : StreamOperator<T, T>
{
    private ISinkWriter<T>? _writer;

    public override void Open() => _writer = sink.CreateWriter(new SinkWriterContext(
        Context.JobName, Context.Uid, Context.SubtaskIndex, Context.Parallelism, Context.Attempt, Context.Options.Time));

    public override void Snapshot(SubtaskSnapshot snapshot) => snapshot.AddCommittable(Context.Uid, _writer!.PrepareCommitAsync);

    public override ValueTask CloseAsync() => _writer?.DisposeAsync() ?? ValueTask.CompletedTask;

    protected override void OnBatch(in BatchView<T> batch) => _writer!.Write(batch.Records, batch.TimesMs);
}
