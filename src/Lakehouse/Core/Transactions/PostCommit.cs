using DataPlatform.Lakehouse.Diagnostics;
using DataPlatform.Lakehouse.Maintenance;
using DataPlatform.Lakehouse.Schemas;
using DataPlatform.Lakehouse.Snapshots;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Lakehouse.Transactions;

/// <summary>
/// What follows a commit: its checksum file, and a log checkpoint when one is due. All of it is best effort: the commit stands whatever
/// happens here, and cancellation no longer counts.
/// </summary>
/// <remarks>Thread-safe. In the background at most one checkpoint is written at a time; one that became due meanwhile replaces an earlier
/// one.</remarks>
internal sealed class PostCommit(DeltaTable table)
{
    private readonly ILogger _logger = table.Options.LoggerFactory.CreateLogger<PostCommit>();
    private readonly Lock _gate = new();
    private SnapshotState? _due;
    private Task _running = Task.CompletedTask;
    private bool _isRunning;

    /// <summary>Does it, or leaves the checkpoint to the background where the options say so.</summary>
    public async ValueTask RunAsync(SnapshotState after, string? txnId)
    {
        await TryAsync(
            after.Version, () => VersionChecksum.WriteAsync(table.Store, after, txnId, CancellationToken.None)).ConfigureAwait(false);
        var interval = TableProperties.CheckpointInterval(after.Metadata) ?? table.Options.CheckpointInterval;
        if (after.Version == 0 || after.Version % interval != 0)
        {
            return;
        }

        if (!table.Options.BackgroundCheckpoints)
        {
            await CheckpointAsync(after).ConfigureAwait(false);
            return;
        }

        lock (_gate)
        {
            _due = after;
            if (!_isRunning)
            {
                _isRunning = true;
                _running = Task.Run(DrainAsync);
            }
        }
    }

    /// <summary>Ends when no checkpoint is being written and none is due.</summary>
    public Task IdleAsync()
    {
        lock (_gate)
        {
            return _running;
        }
    }

    private async Task DrainAsync()
    {
        while (true)
        {
            SnapshotState due;
            lock (_gate)
            {
                if (_due is null)
                {
                    _isRunning = false;
                    return;
                }

                (due, _due) = (_due, null);
            }

            await CheckpointAsync(due).ConfigureAwait(false);
        }
    }

    private ValueTask CheckpointAsync(SnapshotState state) => TryAsync(state.Version, async () =>
    {
        await LogCheckpoint.WriteAsync(table.Store, state, table.Options, CancellationToken.None).ConfigureAwait(false);
        if (TableProperties.ExpiredLogCleanup(state.Metadata))
        {
            await LogCleanUp.RunAsync(table.Store, state, table.Options.Time, CancellationToken.None).ConfigureAwait(false);
        }
    });

    private async ValueTask TryAsync(long version, Func<ValueTask> act)
    {
        try
        {
            await act().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The commit is durable: whatever goes wrong with what follows must not make it look failed. It is logged.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _logger.CheckpointFailed(e, version);
        }
    }
}
