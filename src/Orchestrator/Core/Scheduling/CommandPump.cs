using System.Collections.Concurrent;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>Brings commands from the store to the scheduler: woken by signals, and looking by itself at least once a second.</summary>
internal sealed partial class CommandPump(ICommandQueue queue, Scheduler scheduler, Pulse wake, TimeSpan lookEvery, ILogger logger)
{
    /// <summary>Commands in the scheduler's hands at once.</summary>
    private const int AtOnceMax = 256;

    private readonly ConcurrentDictionary<long, bool> _inHand = new();
    private readonly ILogger _logger = logger;

    /// <summary>Works until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => wake.LookEachAsync(TakeAsync, lookEvery, cancellationToken);

    private async Task TakeAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var queued in await queue.ListOpenAsync(scheduler.Term, AtOnceMax, cancellationToken).ConfigureAwait(false))
            {
                if (_inHand.TryAdd(queued.Id, true))
                {
                    _ = ExecuteAsync(queued, cancellationToken);
                }
            }
        }
        catch (OrchestratorStoreException exception)
        {
            LogUnread(exception);
        }
    }

    private async Task ExecuteAsync(QueuedCommand queued, CancellationToken cancellationToken)
    {
        try
        {
            await TryAsync(queued, cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever went wrong with one command, others are done; it is found and tried again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            // It has no answer yet: its DAG moved, the term or the engine ended, or the store did not answer. Whoever owns the DAG finds it.
            LogLeft(queued.Id, queued.DagId, exception.Message);
        }
        finally
        {
            _inHand.TryRemove(queued.Id, out _);
            if (_inHand.Count >= AtOnceMax - 1)
            {
                wake.Beat();
            }
        }
    }

    private async Task TryAsync(QueuedCommand queued, CancellationToken cancellationToken)
    {
        EngineCommand command = new VersionCommand(queued.DagId, string.Empty, 0);
        try
        {
            command = EngineCommand.Read(queued);
            await scheduler.ExecuteAsync(command, queued.Id, cancellationToken).ConfigureAwait(false);
        }
        catch (DataPlatformException exception) when (exception.Kind != ErrorKind.Unavailable)
        {
            await scheduler.RefuseAsync(command, queued.Id, exception, cancellationToken).ConfigureAwait(false);
        }
    }

    [LoggerMessage(EventId = 3070, Level = LogLevel.Warning, Message = "Commands could not be read; they are looked for again")]
    private partial void LogUnread(Exception exception);

    [LoggerMessage(EventId = 3071, Level = LogLevel.Information, Message = "Command {Id} to DAG {DagId} waits on: {Reason}")]
    private partial void LogLeft(long id, string dagId, string reason);
}
