using DataPlatform.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace DataPlatform.Web.Pages;

/// <summary>Errors of a REST API as problem details (RFC 9457).</summary>
public static class ProblemFilter
{
    /// <summary>The HTTP status for an error of the platform.</summary>
    /// <param name="exception">The error.</param>
    public static int StatusOf(DataPlatformException exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception.Kind switch
        {
            ErrorKind.Invalid => StatusCodes.Status400BadRequest,
            ErrorKind.Conflict => StatusCodes.Status409Conflict,
            _ => StatusCodes.Status503ServiceUnavailable,
        };
    }

    /// <summary>Makes every error of a group's routes problem details: what they throw, and bodies and parameters that cannot be read.</summary>
    /// <param name="group">The group.</param>
    /// <returns>The group.</returns>
    public static RouteGroupBuilder WithProblems(this RouteGroupBuilder group)
    {
        ArgumentNullException.ThrowIfNull(group);
        group.AddEndpointFilter(Translate);

        // A body that is no JSON is refused before the filters run, with a status and nothing else.
        ((IEndpointConventionBuilder)group).Finally(endpoint =>
        {
            if (endpoint.RequestDelegate is { } inner)
            {
                endpoint.RequestDelegate = http => AnswerAsync(http, inner);
            }
        });
        return group;
    }

    /// <summary>An endpoint filter that turns errors, and parameters that could not be read, into problem details.</summary>
    /// <param name="context">The call.</param>
    /// <param name="next">The rest.</param>
    public static async ValueTask<object?> Translate(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(next);
        try
        {
            var result = await next(context).ConfigureAwait(false);
            return result is EmptyHttpResult && context.HttpContext.Response is { StatusCode: StatusCodes.Status400BadRequest, HasStarted: false }
                ? Results.Problem("A parameter or the body is missing, or not of its type.", statusCode: StatusCodes.Status400BadRequest)
                : result;
        }
        catch (DataPlatformException exception)
        {
            return Results.Problem(exception.Message, statusCode: StatusOf(exception));
        }
        catch (ArgumentException exception)
        {
            return Results.Problem(exception.Message, statusCode: StatusCodes.Status400BadRequest);
        }
        catch (ObjectDisposedException)
        {
            return Results.Problem("What answers here was stopped.", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
        catch (BadHttpRequestException exception)
        {
            return Results.Problem(exception.Message, statusCode: exception.StatusCode);
        }
    }

    private static async Task AnswerAsync(HttpContext http, RequestDelegate inner)
    {
        await inner(http).ConfigureAwait(false);
        var why = http.Response.StatusCode switch
        {
            StatusCodes.Status400BadRequest => "The body is not what is expected here: send JSON of the documented form, with all that is required and no other names.",
            StatusCodes.Status415UnsupportedMediaType => "The body must be JSON, with the content type application/json.",
            _ => null,
        };
        if (why is not null && !http.Response.HasStarted && http.Response.ContentType is null)
        {
            await Results.Problem(why, statusCode: http.Response.StatusCode).ExecuteAsync(http).ConfigureAwait(false);
        }
    }
}
