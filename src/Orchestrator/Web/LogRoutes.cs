using System.Runtime.CompilerServices;
using System.Text;
using DataPlatform.Orchestrator.Logs;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.Orchestrator.Web.Api;
using DataPlatform.Web.Live;
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

    /// <summary>Server-sent events, a piece of lines each, until the try ends; then one of the kind <c>end</c>.</summary>
    public static async Task<IResult> LiveAsync(HttpContext http, OrchestratorEngine engine, long runId, string task, int mapIndex, int? number)
    {
        return await FindAsync(engine, runId, task, mapIndex, http.RequestAborted).ConfigureAwait(false) is { } found
            ? EventStream.Of(http, PiecesAsync(found.Logs, found.IdOf(number), http.RequestAborted))
            : Results.NotFound();
    }

    private static async IAsyncEnumerable<ServerEvent> PiecesAsync(
        TaskLogs logs, TaskLogId id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var piece in logs.FollowAsync(id, cancellationToken).ConfigureAwait(false))
        {
            yield return new ServerEvent(string.Empty, Encoding.UTF8.GetString(piece.Span).TrimEnd('\n'));
        }

        yield return new ServerEvent("end", string.Empty);
    }

    /// <summary>The task instance whose tries have logs; null where there is none, it has not begun, or no logs are kept.</summary>
    public static async Task<LoggedTask?> FindAsync(
        OrchestratorEngine engine, long runId, string task, int mapIndex, CancellationToken cancellationToken)
    {
        if (engine.Logs is not { } logs || await engine.Store.FindRunAsync(runId, cancellationToken).ConfigureAwait(false) is not { } run)
        {
            return null;
        }

        return await RunReads.FindAsync(engine, runId, task, mapIndex, cancellationToken).ConfigureAwait(false) is { Try: > 0 } instance
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
