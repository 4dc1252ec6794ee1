using DataPlatform.Kernel;
using DataPlatform.Lakehouse.DeltaLog;
using DataPlatform.Streaming.Sinks;

namespace DataPlatform.Lakehouse.DeltaStreams;

/// <summary>Commits a checkpoint's files of all subtasks at once, and only once.</summary>
internal sealed class DeltaSinkCommitter(DeltaTable table, DeltaSinkOptions options, SinkCommitterContext context) : ISinkCommitter
{
    private readonly string _appId = $"{context.JobName}/{context.SinkUid}";

    public async ValueTask CommitAsync(
        long checkpointId, IReadOnlyList<ReadOnlyMemory<byte>> committables, CancellationToken cancellationToken)
    {
        var files = committables
            .SelectMany(c => CommitFile.Parse(c.Span, $"the committable of checkpoint {checkpointId}"))
            .OfType<AddFile>()
            .ToArray();
        if (files.Length == 0)
        {
            return;
        }

        for (var attempt = 1; ; attempt++)
        {
            var snapshot = await table.RefreshAsync(cancellationToken).ConfigureAwait(false);
            if (snapshot.TransactionVersion(_appId) >= checkpointId)
            {
                return;
            }

            var transaction = table.BeginTransaction(snapshot);
            transaction.Add(files);
            transaction.SetTransaction(_appId, checkpointId);
            transaction.Lineage = new CommitLineage { Job = _appId, RunId = $"{_appId}/{checkpointId}", Inputs = context.Inputs };
            try
            {
                await transaction.CommitAsync("STREAMING UPDATE", Parameters(checkpointId), cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (DeltaException e) when (e.Kind == ErrorKind.Conflict && attempt < options.CommitAttemptsMax)
            {
                // Another writer moved the table, or a stale attempt of this job committed the same checkpoint: look again.
            }
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Dictionary<string, string> Parameters(long checkpointId) => new()
    {
        ["outputMode"] = "Append",
        ["queryId"] = _appId,
        ["epochId"] = checkpointId.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}
