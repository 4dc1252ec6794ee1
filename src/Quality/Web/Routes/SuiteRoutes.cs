using System.Globalization;
using DataPlatform.Quality.Web.Pages;
using DataPlatform.Quality.Web.Views;
using DataPlatform.Web.Access;
using DataPlatform.Web.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DataPlatform.Quality.Web.Routes;

/// <summary>The pages of suites and their editor.</summary>
internal static class SuiteRoutes
{
    private const int SuitesShown = 100;
    private const int VersionsShown = 50;

    public static void Map(RouteGroupBuilder group, QualityConsole console)
    {
        if (console is not { Suites: { } suites, Audit: not null })
        {
            return;
        }

        var pages = group.MapGroup(string.Empty).AddEndpointFilter(PageFilter.Translate).ExcludeFromDescription().DisableAntiforgery();
        pages.MapGet("/suites", async (HttpContext http, string? after) =>
        {
            var page = await suites.ListAsync(RuleFilter.Given(after), SuitesShown, null, http.RequestAborted).ConfigureAwait(false);
            return await ConsolePage.RenderAsync<SuitesPage>(
                http, new() { ["Suites"] = page, ["After"] = RuleFilter.Given(after), ["Next"] = page.Count == SuitesShown ? page[^1].Suite : null }).ConfigureAwait(false);
        });
        pages.MapGet("/suite", async (HttpContext http, string name, int? version) =>
            await suites.FindAsync(name, version, http.RequestAborted).ConfigureAwait(false) is { } found
                ? await ConsolePage.RenderAsync<SuitePage>(http, new()
                {
                    ["Suite"] = found,
                    ["Versions"] = await suites.VersionsAsync(name, null, VersionsShown, http.RequestAborted).ConfigureAwait(false),
                }).ConfigureAwait(false)
                : await ConsolePage.NotFoundAsync(http, $"suite '{name}'{(version is { } number ? string.Create(CultureInfo.InvariantCulture, $" of version {number}") : string.Empty)} here").ConfigureAwait(false));
        pages.MapGet("/suite/edit", async (HttpContext http, string? name, string? table) =>
        {
            var version = name is null ? null : await suites.FindAsync(name, null, http.RequestAborted).ConfigureAwait(false);
            return name is not null && version is null
                ? await ConsolePage.NotFoundAsync(http, $"suite '{name}' here").ConfigureAwait(false)
                : await ShowAsync(http, console, SuiteEditor.Begin(console, version, RuleFilter.Given(table) ?? "table")).ConfigureAwait(false);
        }).RequireRole(AccessRole.Operator);
        pages.MapPost("/suite/edit", async Task<IResult> (HttpContext http) => await EditAsync(http, console).ConfigureAwait(false)).RequireRole(AccessRole.Operator);
    }

    private static async Task<IResult> EditAsync(HttpContext http, QualityConsole console)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted).ConfigureAwait(false);
        var editor = SuiteForm.Read(console, form);
        if (form["do"] != "save")
        {
            return await ShowAsync(http, console, await SuiteForm.ApplyAsync(console, editor, form, http.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);
        }

        try
        {
            var saved = await Actions.SaveAsync(console, http, editor).ConfigureAwait(false);
            return await ConsolePage.ActAsync(http, () => Task.FromResult($"Saved as version {saved.Version}."), Links.Suite(saved.Suite)).ConfigureAwait(false);
        }
        catch (QualityException e)
        {
            return await ShowAsync(http, console, editor with { Refusal = e.Message }).ConfigureAwait(false);
        }
    }

    private static Task<IResult> ShowAsync(HttpContext http, QualityConsole console, SuiteEditor editor) => ConsolePage.RenderAsync<EditorPage>(
        http, new() { ["Editor"] = editor, ["Notations"] = console.Notations, ["HasWorkbench"] = console.Workbench is not null });
}
