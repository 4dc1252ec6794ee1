using System.Globalization;
using DataPlatform.Orchestrator.Execution;

namespace DataPlatform.Orchestrator.TableLoads;

/// <summary>Who may load a table for a task and a data interval, by what the table's marker says. Pure.</summary>
/// <param name="Application">The name of the marker in the table: task and interval.</param>
/// <param name="RunId">The run that loads.</param>
/// <param name="FirstEpoch">The epoch of its first try since the task was last cleared.</param>
/// <param name="Epoch">The epoch of the try that loads.</param>
internal sealed record LoadFence(string Application, long RunId, long FirstEpoch, long Epoch)
{
    /// <summary>Bits of a marker's version that hold the epoch; the run's number is above them.</summary>
    private const int EpochBits = 20;

    /// <summary>The marker's version: grows with the run and, inside it, with the try.</summary>
    public long Version => (RunId << EpochBits) | Epoch;

    public static LoadFence Of(TaskContext context)
    {
        if (context.Epoch >= 1L << EpochBits || context.RunId >= 1L << (62 - EpochBits))
        {
            throw new TaskFailedException(
                $"try {context.Epoch} of run {context.RunId} is beyond what a table's marker holds; trigger a new run.", retry: false);
        }

        var interval = context.DataInterval;
        var map = context.MapIndex < 0 ? string.Empty : string.Create(CultureInfo.InvariantCulture, $"[{context.MapIndex}]");
        return new LoadFence(
            $"load/{context.DagId}/{context.TaskId}{map}/{Text(interval.Start)}/{Text(interval.End)}", context.RunId, context.FirstEpoch, context.Epoch);
    }

    /// <param name="stored">The version of the table's marker; null where it has none.</param>
    public LoadVerdict Decide(long? stored)
    {
        if (stored is not { } version)
        {
            return LoadVerdict.Load;
        }

        var (run, epoch) = (version >> EpochBits, version & ((1L << EpochBits) - 1));
        if (run > RunId || (run == RunId && epoch > Epoch))
        {
            return LoadVerdict.Stale;
        }

        // A try of the same run since its last clear has loaded, and perhaps died before it could say so.
        return run == RunId && epoch >= FirstEpoch ? LoadVerdict.Replay : LoadVerdict.Load;
    }

    private static string Text(DateTimeOffset instant) => instant.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}

/// <summary>What becomes of a load.</summary>
internal enum LoadVerdict
{
    /// <summary>It is done.</summary>
    Load,

    /// <summary>It has been done by an earlier try for the same cause: nothing is left to do.</summary>
    Replay,

    /// <summary>A later try or run has loaded: this one has lost its right to write.</summary>
    Stale,
}
