using DataPlatform.Web.Pages;
using Microsoft.AspNetCore.Http;

namespace DataPlatform.Web.Live;

/// <summary>Server-sent events: as they come, with a sign of life in between, so that proxies keep the line and a reader that left is noticed.</summary>
public static class EventStream
{
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(15);

    /// <summary>Answers with a stream of events.</summary>
    /// <param name="http">The request; a mount serves a bounded number of streams at once and refuses more with 503.</param>
    /// <param name="events">The events; the stream ends with them. They are listened to before the answer begins, so none is missed after it.</param>
    public static IResult Of(HttpContext http, IAsyncEnumerable<ServerEvent> events)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(events);
        return new Answer(http.GetEndpoint()?.Metadata.GetMetadata<ConsoleMount>(), events);
    }

    private static async Task FollowAsync(HttpContext http, IAsyncEnumerable<ServerEvent> events)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        var source = events.GetAsyncEnumerator(stop.Token);
        await using (source.ConfigureAwait(false))
        {
            var next = source.MoveNextAsync().AsTask();
            try
            {
                await WriteAsync(http, source, next, moved => next = moved).ConfigureAwait(false);
            }
            finally
            {
                // A source may not be disposed of while it moves.
                await stop.CancelAsync().ConfigureAwait(false);
                await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static async Task WriteAsync(HttpContext http, IAsyncEnumerator<ServerEvent> events, Task<bool> next, Action<Task<bool>> moved)
    {
        var token = http.RequestAborted;
        await http.Response.WriteAsync(": listening\n\n", token).ConfigureAwait(false);
        await http.Response.Body.FlushAsync(token).ConfigureAwait(false);
        while (true)
        {
            if (await Task.WhenAny(next, Task.Delay(SignOfLife, TimeProvider.System, token)).ConfigureAwait(false) != next)
            {
                await http.Response.WriteAsync(": still here\n\n", token).ConfigureAwait(false);
            }
            else if (await next.ConfigureAwait(false))
            {
                await http.Response.WriteAsync(Text(events.Current), token).ConfigureAwait(false);
                next = events.MoveNextAsync().AsTask();
                moved(next);
            }
            else
            {
                return;
            }

            await http.Response.Body.FlushAsync(token).ConfigureAwait(false);
        }
    }

    private static string Text(ServerEvent happening)
    {
        var data = "data: " + happening.Data.ReplaceLineEndings("\n").Replace("\n", "\ndata: ", StringComparison.Ordinal) + "\n\n";
        return happening.Kind.Length == 0 ? data : $"event: {happening.Kind}\n{data}";
    }

    private sealed class Answer(ConsoleMount? mount, IAsyncEnumerable<ServerEvent> events) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            if (mount is not null && !mount.TryEnterStream())
            {
                await Results.Problem("Too many readers follow already: try again later.", statusCode: StatusCodes.Status503ServiceUnavailable)
                    .ExecuteAsync(httpContext).ConfigureAwait(false);
                return;
            }

            try
            {
                httpContext.Response.ContentType = "text/event-stream";
                httpContext.Response.Headers.CacheControl = "no-store";
                await FollowAsync(httpContext, events).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (httpContext.RequestAborted.IsCancellationRequested)
            {
                // The reader went away.
            }
            finally
            {
                mount?.LeaveStream();
            }
        }
    }
}
