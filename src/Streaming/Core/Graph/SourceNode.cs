using DataPlatform.Kernel;
using DataPlatform.Streaming.Checkpoints;
using DataPlatform.Streaming.Operators;
using DataPlatform.Streaming.Sources;
using DataPlatform.Streaming.State;
using DataPlatform.Streaming.Time;

namespace DataPlatform.Streaming.Graph;

/// <summary>A source: at the beginning of an attempt its splits are listed and dealt out.</summary>
internal sealed class SourceNode<T>(int id, string name, string uid, ISource<T> source, WatermarkStrategy<T> strategy, DatasetId? dataset)
    : StreamNode(id, name, uid, null)
{
    public override DatasetId? Dataset { get; } = dataset ?? (source as IDatasetSource)?.Dataset;


    private IReadOnlyList<AssignedSplit>[] _shares = [];

    public override async ValueTask PrepareAsync(RestoredCheckpoint? restored, int parallelism, CancellationToken cancellationToken)
    {
        var listed = await source.ListSplitsAsync(cancellationToken).ConfigureAwait(false);
        var state = restored is null ? null : await restored.LoadAsync(Uid!, new KeyGroupRange(0, 0), cancellationToken).ConfigureAwait(false);
        _shares = SplitCodec.Distribute(listed, state is null ? [] : SplitCodec.Read(state), parallelism);
    }

    public override StreamOperator CreateOperator(int subtask) => new SourceOperator<T>(source, strategy, _shares[subtask]);
}
