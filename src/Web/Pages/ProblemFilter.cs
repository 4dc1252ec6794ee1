using DataPlatform.Kernel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

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
        catch (BadHttpRequestException exception)
        {
            return Results.Problem(exception.Message, statusCode: exception.StatusCode);
        }
    }
}
