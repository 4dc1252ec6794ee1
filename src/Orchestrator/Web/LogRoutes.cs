using System.Text;
using DataPlatform.Orchestrator.Logs;
using DataPlatform.Orchestrator.Runs;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Orchestrator.Web;

/// <summary>The logs of tries: as text, and line by line while they are written.</summary>
internal static class LogRoutes
{
    /// <summary>The log as plain text.</summary>
    public static async Task<IResult> TextAsync(HttpContext http, OrchestratorEngine engine, long runId, string task, int mapIndex, int? number)
    {
        if (await FindAsync(engine, runId, task, mapIndex, http.RequestAborted).ConfigureAwait(false) is not { } found)
        {
            return Results.NotFound();
        }

        var id = found.IdOf(number);

        return Results.Stream(
            async stream =>
            {
                await foreach (var piece in found.Logs.ReadAsync(id, http.RequestAborted).ConfigureAwait(false))
                {
                    await stream.WriteAsync(piece, http.RequestAborted).ConfigureAwait(false);
                }
            },
            "text/plain; charset=utf-8");
    }

    /// <summary>Server-sent events, a line each, until the try ends; then one of the kind <c>end</c>.</summary>
    public static async Task<IResult> LiveAsync(HttpContext http, OrchestratorEngine engine, long runId, string task, int mapIndex, int? number)
    {
        if (await FindAsync(engine, runId, task, mapIndex, http.RequestAborted).ConfigureAwait(false) is not { } found)
        {
            return Results.NotFound();
        }

        var id = found.IdOf(number);

        return Results.Stream(
            async stream =>
            {
                try
                {
                    await foreach (var piece in found.Logs.FollowAsync(id, http.RequestAborted).ConfigureAwait(false))
                    {
                        var text = Encoding.UTF8.GetString(piece.Span).TrimEnd('\n');
                        await stream.WriteAsync(Encoding.UTF8.GetBytes($"data: {text.Replace("\n", "\ndata: ", StringComparison.Ordinal)}\n\n"), http.RequestAborted)
                            .ConfigureAwait(false);
                        await stream.FlushAsync(http.RequestAborted).ConfigureAwait(false);
                    }

                    await stream.WriteAsync("event: end\ndata:\n\n"u8.ToArray(), http.RequestAborted).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
                {
                    // The reader went away.
                }
            },
            "text/event-stream");
    }

    /// <summary>The task instance whose tries have logs; null where there is none, it has not begun, or no logs are kept.</summary>
    public static async Task<LoggedTask?> FindAsync(
        OrchestratorEngine engine, long runId, string task, int mapIndex, CancellationToken cancellationToken)
    {
        if (engine.Logs is not { } logs || await engine.Store.FindRunAsync(runId, cancellationToken).ConfigureAwait(false) is not { } run)
        {
            return null;
        }

        var instances = await engine.Store.ListTaskInstancesAsync(runId, cancellationToken).ConfigureAwait(false);
        return instances.FirstOrDefault(i => i.TaskId == task && i.Key.MapIndex == mapIndex) is { Try: > 0 } instance
            ? new LoggedTask(logs, run, instance)
            : null;
    }

    /// <summary>A task instance with the logs of its tries.</summary>
    internal sealed record LoggedTask(TaskLogs Logs, DagRun Run, TaskInstance Instance)
    {
        /// <summary>The log of a try; of the newest where none is asked for.</summary>
        public TaskLogId IdOf(int? number) => new(Run.DagId, Run.Id, Instance.TaskId, Instance.Key.MapIndex, number ?? Instance.Try);
    }
}
