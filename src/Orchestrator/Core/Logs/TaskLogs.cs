using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using DataPlatform.Kernel.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Orchestrator.Logs;

/// <summary>Keeps what tries write, a log for each, in an object store, and lets people read along while a try still writes.</summary>
/// <remarks>
/// Thread-safe. A log is a row of numbered objects, so that any store will do; what was written last waits in memory for up to
/// <see cref="TaskLogOptions.FlushAfter"/>. A store that does not answer fails no task: the lines wait, within the log's limit, and go with the
/// next write.
/// </remarks>
public sealed class TaskLogs
{
    private readonly ConcurrentDictionary<TaskLogId, TaskLog> _open = new();
    private readonly IObjectStore _store;
    private readonly TaskLogOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>Makes the logs over a store.</summary>
    /// <param name="store">Where they are kept, below <c>logs/</c>.</param>
    /// <param name="options">Settings; the defaults when null.</param>
    /// <param name="time">The clock of the lines; the system's when null.</param>
    /// <param name="logger">Where a store that does not answer is told of; nowhere when null.</param>
    public TaskLogs(IObjectStore store, TaskLogOptions? options = null, TimeProvider? time = null, ILogger<TaskLogs>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
        _options = options ?? new TaskLogOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.PartBytes, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.BytesMax, _options.PartBytes, nameof(options));
        _time = time ?? TimeProvider.System;
        _logger = logger ?? NullLogger<TaskLogs>.Instance;
    }

    /// <summary>Reads a log as it is now.</summary>
    /// <param name="id">The log.</param>
    /// <param name="cancellationToken">Stops between two parts.</param>
    /// <returns>UTF-8 text in pieces, whole lines each: <c>2026-01-31T06:00:00.000Z text</c>. Nothing for a try that wrote nothing.</returns>
    public IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(TaskLogId id, CancellationToken cancellationToken = default)
        => ReadAsync(id, follows: false, cancellationToken);

    /// <summary>Reads a log and goes on until the try has ended.</summary>
    /// <param name="id">The log.</param>
    /// <param name="cancellationToken">Ends it, with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>As <see cref="ReadAsync(TaskLogId, CancellationToken)"/>; lines come as they are written, before they are in the store.</returns>
    public IAsyncEnumerable<ReadOnlyMemory<byte>> FollowAsync(TaskLogId id, CancellationToken cancellationToken = default)
        => ReadAsync(id, follows: true, cancellationToken);

    /// <summary>Removes the logs of a run.</summary>
    /// <param name="dagId">The DAG.</param>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Stops between two objects.</param>
    /// <returns>How many objects were removed.</returns>
    public async ValueTask<int> RemoveAsync(string dagId, long runId, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(dagId);
        var removed = 0;
        await foreach (var part in _store.ListAsync(TaskLogId.FolderOf(dagId, runId), null, cancellationToken).ConfigureAwait(false))
        {
            removed += await _store.DeleteAsync(part.Path, cancellationToken).ConfigureAwait(false) ? 1 : 0;
        }

        return removed;
    }

    /// <summary>Opens the log of a try that begins.</summary>
    internal TaskLog Open(TaskLogId id)
        => _open[id] = new TaskLog(id, _store, _options, _time, _logger, () => _open.TryRemove(id, out _));

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(TaskLogId id, bool follows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (part, offset) = (0, 0);
        while (_open.TryGetValue(id, out var log))
        {
            var state = log.Look(part, offset);
            if (state.Parts > part)
            {
                if (await _store.TryGetAsync(id.Part(part), cancellationToken).ConfigureAwait(false) is { } stored)
                {
                    if (stored.Length > offset)
                    {
                        yield return stored[offset..];
                    }

                    offset = Math.Max(0, offset - stored.Length);
                }

                part++;
                continue;
            }

            if (state.Pending.Length > 0)
            {
                offset += state.Pending.Length;
                yield return state.Pending;
            }
            else if (!follows)
            {
                yield break;
            }
            else
            {
                await state.Changed.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        // The try has ended, or belongs to another process: the store has it all.
        while (await _store.TryGetAsync(id.Part(part++), cancellationToken).ConfigureAwait(false) is { } stored)
        {
            if (stored.Length > offset)
            {
                yield return stored[offset..];
            }

            offset = Math.Max(0, offset - stored.Length);
        }
    }
}
