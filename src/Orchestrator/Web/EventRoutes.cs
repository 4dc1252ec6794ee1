using System.Net;
using System.Text.Json;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator;
using DataPlatform.Orchestrator.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Mounts the door for events from outside.</summary>
public static class EventRoutes
{
    private const int KeyLengthMax = 250;

    /// <summary>Mounts <c>POST path/{event}</c>: the body, JSON, is the conf of the runs that the event starts.</summary>
    /// <param name="endpoints">The host's routes.</param>
    /// <param name="path">Where, for example <c>/events</c>.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="options">Secrets and limits; null for none: then only this machine may raise events.</param>
    /// <param name="time">The clock that signatures are held against; null for the system's.</param>
    /// <returns>The route, for further conventions.</returns>
    /// <remarks>
    /// <c>webhook-id</c> or <c>Idempotency-Key</c> is the sender's name for the event: sent again, it gives the same runs. Answers 202 with the runs;
    /// 400 for a body that is no JSON or that a DAG refuses, 401 for a signature, 403 for another machine, 404 for an event that no DAG waits for, 413
    /// for a body that is too long.
    /// </remarks>
    /// <exception cref="ArgumentException">A secret cannot be read.</exception>
    public static RouteHandlerBuilder MapOrchestratorEvents(
        this IEndpointRouteBuilder endpoints, string path, OrchestratorEngine engine, EventOptions? options = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(engine);
        options ??= new EventOptions();
        var keys = options.Secrets.ToDictionary(pair => pair.Key, pair => EventSignature.KeyOf(pair.Key, pair.Value), StringComparer.Ordinal);
        var (bytesMax, tolerance, clock) = (options.BodyBytesMax, options.Tolerance, time ?? TimeProvider.System);
        return endpoints.MapPost($"{path}/{{name}}", async (string name, HttpContext http) =>
        {
            if (keys.GetValueOrDefault(name) is null && IsRefused(http) is { } refusal)
            {
                return refusal;
            }

            if (await BodyAsync(http.Request, bytesMax).ConfigureAwait(false) is not { } body)
            {
                return Results.Problem($"The body is longer than {bytesMax} bytes.", statusCode: StatusCodes.Status413PayloadTooLarge);
            }

            var headers = http.Request.Headers;
            var id = headers["webhook-id"].ToString();
            if (keys.TryGetValue(name, out var key) && EventSignature.Refuse(
                key, id, headers["webhook-timestamp"].ToString(), headers["webhook-signature"].ToString(), body, clock.GetUtcNow(), tolerance) is { } wrong)
            {
                return Results.Problem(wrong, statusCode: StatusCodes.Status401Unauthorized);
            }

            id = id.Length > 0 ? id : headers["Idempotency-Key"].ToString();
            return id.Length > KeyLengthMax
                ? Results.Problem($"The id is longer than {KeyLengthMax} characters.", statusCode: StatusCodes.Status400BadRequest)
                : await RaiseAsync(engine, name, body, id.Length > 0 ? id : null, http.RequestAborted).ConfigureAwait(false);
        });
    }

    /// <summary>Without a secret: programs on this machine, and no page of another site in a browser on it.</summary>
    private static IResult? IsRefused(HttpContext http)
    {
        var isOther = http.Connection.RemoteIpAddress is { } address && !IPAddress.IsLoopback(address);
        return isOther || http.Request.Headers.Origin.Count > 0
            ? Results.Problem("The event has no secret, so only programs on this machine may raise it.", statusCode: StatusCodes.Status403Forbidden)
            : null;
    }

    /// <summary>Null for a body that is too long, of which no more is read.</summary>
    private static async Task<byte[]?> BodyAsync(HttpRequest request, int bytesMax)
    {
        if (request.ContentLength > bytesMax)
        {
            return null;
        }

        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted).ConfigureAwait(false)) > 0)
        {
            if (body.Length + read > bytesMax)
            {
                return null;
            }

            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }

    private static async Task<IResult> RaiseAsync(
        OrchestratorEngine engine, string name, byte[] body, string? key, CancellationToken cancellationToken)
    {
        if (!engine.Dags.Any(dag => dag.Events.Contains(name, StringComparer.Ordinal)))
        {
            return Results.Problem($"No DAG waits for the event '{name}'.", statusCode: StatusCodes.Status404NotFound);
        }

        try
        {
            var payload = body.Length == 0 ? (JsonElement?)null : JsonSerializer.Deserialize<JsonElement>(body);
            var runs = await engine.RaiseEventAsync(name, payload, key, cancellationToken).ConfigureAwait(false);
            return Results.Json(new { @event = name, runs }, statusCode: StatusCodes.Status202Accepted);
        }
        catch (JsonException exception)
        {
            return Results.Problem($"The body is no JSON: {exception.Message}", statusCode: StatusCodes.Status400BadRequest);
        }
        catch (DataPlatformException exception)
        {
            return Results.Problem(exception.Message, statusCode: exception.Kind switch
            {
                ErrorKind.Invalid => StatusCodes.Status400BadRequest,
                ErrorKind.Conflict => StatusCodes.Status409Conflict,
                _ => StatusCodes.Status503ServiceUnavailable,
            });
        }
    }
}
