using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Web.Api;
using DataPlatform.Orchestrator.Web.Pages;
using DataPlatform.Web.Access;
using DataPlatform.Web.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DataPlatform.Orchestrator.Web;

/// <summary>The pages of pools and the forms on them.</summary>
internal static class PoolRoutes
{
    public static void Map(RouteGroupBuilder pages, OrchestratorEngine engine)
    {
        pages.MapGet("/pools", async (HttpContext http, CancellationToken token) => await ConsolePage.RenderAsync<PoolsPage>(
            http, new() { ["Pools"] = await engine.PoolsAsync(token).ConfigureAwait(false) }).ConfigureAwait(false));
        var group = pages.MapGroup("/pools").RequireRole(AccessRole.Admin);
        group.MapGet("/new", (HttpContext http, CancellationToken _) => ConsolePage.RenderAsync<PoolNewPage>(http, []));
        group.MapPost("/new", async (HttpContext http, CancellationToken token) =>
        {
            var (name, slots, description) = await FieldsAsync(http).ConfigureAwait(false);
            return await ActAsync(
                http,
                async () =>
                {
                    var by = await Actions.ByAsync(http, engine, "page").ConfigureAwait(false);
                    await by.CreatePoolAsync(name, Number(slots), description, token).ConfigureAwait(false);
                    return $"Pool {name} was made.";
                },
                error => ConsolePage.RenderAsync<PoolNewPage>(
                    http, new() { ["Name"] = name, ["Slots"] = slots, ["Description"] = description, ["Error"] = error })).ConfigureAwait(false);
        });
        group.MapGet("/change", (HttpContext http, string name) => PageAsync(http, engine, name, null, null, null));
        group.MapPost("/change", async (HttpContext http, CancellationToken token) =>
        {
            var (name, slots, description) = await FieldsAsync(http).ConfigureAwait(false);
            return await ActAsync(
                http,
                async () =>
                {
                    var by = await Actions.ByAsync(http, engine, "page").ConfigureAwait(false);
                    await by.SetPoolAsync(name, Number(slots), description, token).ConfigureAwait(false);
                    return $"Pool {name} has {slots} slots.";
                },
                error => PageAsync(http, engine, name, slots, description, error)).ConfigureAwait(false);
        });
        group.MapPost("/delete", async (HttpContext http, CancellationToken token) =>
        {
            var (name, _, _) = await FieldsAsync(http).ConfigureAwait(false);
            return await ActAsync(
                http,
                async () =>
                {
                    await (await Actions.ByAsync(http, engine, "page").ConfigureAwait(false)).DeletePoolAsync(name, token).ConfigureAwait(false);
                    return $"Pool {name} is gone.";
                },
                error => PageAsync(http, engine, name, null, null, error)).ConfigureAwait(false);
        });
    }

    private static async Task<IResult> PageAsync(
        HttpContext http, OrchestratorEngine engine, string name, string? slots, string? description, string? error)
    {
        var pools = await engine.PoolsAsync(http.RequestAborted).ConfigureAwait(false);
        return pools.FirstOrDefault(pool => pool.Name == name) is { } pool
            ? await ConsolePage.RenderAsync<PoolPage>(
                http, new() { ["Pool"] = pool, ["Slots"] = slots, ["Description"] = description, ["Error"] = error }).ConfigureAwait(false)
            : await ConsolePage.NotFoundAsync(http, $"pool '{name}'").ConfigureAwait(false);
    }

    /// <summary>Does what a form asks; what is refused is said in the form again.</summary>
    private static async Task<IResult> ActAsync(HttpContext http, Func<Task<string>> act, Func<string, Task<IResult>> refused)
    {
        try
        {
            var said = await act().ConfigureAwait(false);
            return await ConsolePage.ActAsync(http, () => Task.FromResult(said), "pools").ConfigureAwait(false);
        }
        catch (DataPlatformException exception)
        {
            http.Response.StatusCode = ProblemFilter.StatusOf(exception);
            return await refused(exception.Message).ConfigureAwait(false);
        }
    }

    private static async Task<(string Name, string Slots, string Description)> FieldsAsync(HttpContext http)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted).ConfigureAwait(false);
        return (form["name"].ToString().Trim(), form["slots"].ToString().Trim(), form["description"].ToString().Trim());
    }

    private static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var slots)
        ? slots
        : throw new OrchestratorException(ErrorKind.Invalid, $"'{text}' is no number of slots: 0 to {int.MaxValue}.");
}
