using System.IO.Compression;
using System.Net;
using DataPlatform.Kernel;
using DataPlatform.Quality;
using DataPlatform.Quality.OpenLineage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Mounts the receiver of OpenLineage events.</summary>
public static class OpenLineageEndpoints
{
    /// <summary>Mounts a receiver: <c>POST path</c> takes one event or a list, <c>POST path/batch</c> the same.</summary>
    /// <remarks>
    /// One good event is answered by 201 and a bad one by 400. A list is answered by 200 with what became of each, by 400 when none of them is
    /// an event. Bodies that are too long get 413, also when they are so only unpacked; other media types and encodings than gzip 415; when
    /// events cannot be kept, 503, and they may be posted again.
    /// </remarks>
    /// <param name="endpoints">The host's routes.</param>
    /// <param name="path">Where, for example <c>/api/v1/lineage</c>.</param>
    /// <param name="receiver">The receiver.</param>
    /// <param name="options">Limits and who may post; the defaults when null.</param>
    /// <returns>The group, for further conventions.</returns>
    public static RouteGroupBuilder MapOpenLineage(
        this IEndpointRouteBuilder endpoints, string path, OpenLineageReceiver receiver, OpenLineageReceiverOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(receiver);
        options ??= new OpenLineageReceiverOptions();
        var group = endpoints.MapGroup(path);
        if (options.Policy is { } policy)
        {
            group.RequireAuthorization(policy);
        }

        foreach (var route in new[] { string.Empty, "/batch" })
        {
            group.MapPost(route, (Delegate)((HttpContext http) => ReceiveAsync(http, receiver, options)));
        }

        return group;
    }

    private static async Task<IResult> ReceiveAsync(HttpContext http, OpenLineageReceiver receiver, OpenLineageReceiverOptions options)
    {
        if (Refusal(http, options) is { } refusal)
        {
            return refusal;
        }

        try
        {
            var body = await BodyAsync(http, options.BodyBytesMax).ConfigureAwait(false);
            return body is null ? TooLong(options) : Answer(await receiver.ReceiveAsync(body.Value, options.EventsMax, http.RequestAborted).ConfigureAwait(false));
        }
        catch (QualityException e)
        {
            return Results.Problem(e.Message, statusCode: e.Kind == ErrorKind.Invalid ? StatusCodes.Status400BadRequest : StatusCodes.Status503ServiceUnavailable);
        }
        catch (InvalidDataException e)
        {
            return Results.Problem($"The body is not compressed as its Content-Encoding says: {e.Message}", statusCode: StatusCodes.Status400BadRequest);
        }
        catch (BadHttpRequestException e)
        {
            return Results.Problem(e.Message, statusCode: e.StatusCode);
        }
    }

    private static IResult? Refusal(HttpContext http, OpenLineageReceiverOptions options)
    {
        if (options.Policy is null && http.Connection.RemoteIpAddress is { } address && !IPAddress.IsLoopback(address))
        {
            return Results.Problem("Only callers on this machine are served: give MapOpenLineage an authorization policy.", statusCode: StatusCodes.Status403Forbidden);
        }

        // Browsers name the site of every request that changes something; programs, which post events, name none.
        if (http.Request.Headers.Origin.Count > 0)
        {
            return Results.Problem("Events are posted by programs, not by pages of a browser.", statusCode: StatusCodes.Status403Forbidden);
        }

        if (!http.Request.HasJsonContentType())
        {
            return Results.Problem("The body must be of type application/json.", statusCode: StatusCodes.Status415UnsupportedMediaType);
        }

        if (!IsPlain(http) && !IsCompressed(http))
        {
            return Results.Problem(
                $"The body's Content-Encoding is '{http.Request.Headers.ContentEncoding}'; gzip is taken, or none.", statusCode: StatusCodes.Status415UnsupportedMediaType);
        }

        return http.Request.ContentLength > options.BodyBytesMax ? TooLong(options) : null;
    }

    private static bool IsPlain(HttpContext http)
        => http.Request.Headers.ContentEncoding is var encoding && (encoding.Count == 0 || string.Equals(encoding, "identity", StringComparison.OrdinalIgnoreCase));

    private static bool IsCompressed(HttpContext http) => string.Equals(http.Request.Headers.ContentEncoding, "gzip", StringComparison.OrdinalIgnoreCase);

    private static IResult TooLong(OpenLineageReceiverOptions options) => Results.Problem(
        $"The body is longer than {options.BodyBytesMax} bytes. Post the events in parts.", statusCode: StatusCodes.Status413PayloadTooLarge);

    /// <returns>The body; null when it is too long.</returns>
    private static async Task<ReadOnlyMemory<byte>?> BodyAsync(HttpContext http, int bytesMax)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = (long)bytesMax + 1;
        }

        using var unpacked = IsCompressed(http) ? new GZipStream(http.Request.Body, CompressionMode.Decompress, leaveOpen: true) : null;
        Stream sent = unpacked is null ? http.Request.Body : unpacked;
        using var body = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = await sent.ReadAsync(buffer, http.RequestAborted).ConfigureAwait(false)) > 0)
        {
            if (body.Length + count > bytesMax)
            {
                return null;
            }

            body.Write(buffer, 0, count);
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    private static IResult Answer(ReceivedEvents received)
    {
        if (received.Refused.Count == received.Received && received.Received > 0)
        {
            var first = received.Refused[0];
            return Results.Problem(
                received.IsList ? $"None of {received.Received} is an event. Event {first.Index}: {first.Reason}" : first.Reason,
                statusCode: StatusCodes.Status400BadRequest);
        }

        return Results.Json(
            received, ReceivedJson.Default.ReceivedEvents, statusCode: received.IsList ? StatusCodes.Status200OK : StatusCodes.Status201Created);
    }
}
