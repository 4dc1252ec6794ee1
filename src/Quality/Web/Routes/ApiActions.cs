using DataPlatform.Quality.Rules.Documents;
using DataPlatform.Quality.Trials;
using DataPlatform.Quality.Web.Views;
using DataPlatform.Web.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DataPlatform.Quality.Web.Routes;

/// <summary>What the API does: the same actions as the forms, with the same roles and the same audit.</summary>
internal static class ApiActions
{
    public static void Map(RouteGroupBuilder api, QualityConsole console)
    {
        if (console is { Series: not null, Audit: not null })
        {
            api.MapPost("/series/feedback", async (HttpContext http, FeedbackBody body) =>
                TypedResults.Ok(new DoneBody(await Actions.MarkAsync(console, http, body.Series, body.At, body.Says).ConfigureAwait(false))))
                .RequireRole(AccessRole.Operator).WithSummary("Says of a point that it was real or a false alarm; later baselines follow it");
        }

        if (console is { Desk: not null, Alerts: not null, Audit: not null })
        {
            api.MapPost("/incident/act", async (HttpContext http, string id, ActionBody body) =>
                TypedResults.Ok(new DoneBody(await Actions.ActAsync(console, http, id, body.Do, body.Hours, body.Reason).ConfigureAwait(false))))
                .RequireRole(AccessRole.Operator).WithSummary("Acknowledges, mutes or resolves an incident, or an alert that is in none");
        }

        if (console is { Lineage: not null, Audit: not null })
        {
            api.MapPost("/lineage/annotations", async (HttpContext http, AnnotationBody body) =>
                TypedResults.Ok(new DoneBody(await Actions.AnnotateAsync(console, http, body.Source, body.Target, body.Kind, body.Reason).ConfigureAwait(false))))
                .RequireRole(AccessRole.Operator).WithSummary("Says by hand whether a column depends on another");
        }

        if (console is { Workbench: not null, Profiles: not null, Audit: not null })
        {
            api.MapPost("/profile", async (HttpContext http, string table) => TypedResults.Ok(new DoneBody(await Actions.ProfileAsync(console, http, table).ConfigureAwait(false))))
                .RequireRole(AccessRole.Operator).WithSummary("Profiles a sample of a table and keeps that");
        }

        MapSuites(api, console);
    }

    private static void MapSuites(RouteGroupBuilder api, QualityConsole console)
    {
        api.MapPost("/suites/check", (SuiteBody body) => TypedResults.Ok(Checked(Editor(console, body)))).WithSummary("Says what is wrong with the text of a suite, by line and column");
        if (console.Workbench is { } workbench)
        {
            api.MapPost("/suites/try", async (HttpContext http, SuiteBody body) => TypedResults.Ok(await workbench.TryAsync(
                Actions.Whole(Editor(console, body)), new TrialOptions { SampleRows = body.SampleRows ?? new TrialOptions().SampleRows }, http.RequestAborted).ConfigureAwait(false)))
                .RequireRole(AccessRole.Operator).WithSummary("Tries a suite on a sample of its table; nothing is kept");
            api.MapGet("/suites/suggestions", async (string table, int? sampleRows, CancellationToken token) =>
            {
                var suggestions = await workbench.SuggestAsync(table, new TrialOptions { SampleRows = sampleRows ?? new TrialOptions().SampleRows }, token).ConfigureAwait(false);
                return TypedResults.Ok(suggestions.Select(s => new SuggestionBody(s.Rule, s.Reason)).ToArray());
            }).RequireRole(AccessRole.Operator).WithSummary("Rules that a sample of a table keeps");
        }

        if (console is { Suites: not null, Audit: not null })
        {
            api.MapPut("/suite", async (HttpContext http, string name, SuiteBody body) =>
                TypedResults.Ok(await Actions.SaveAsync(console, http, Editor(console, body) with { Base = name, BaseVersion = body.BaseVersion ?? 0, Reason = body.Reason ?? string.Empty }).ConfigureAwait(false)))
                .RequireRole(AccessRole.Admin).WithSummary("Saves the version after 'baseVersion' (0 for a new suite); 409 when somebody was faster");
        }
    }

    private static SuiteEditor Editor(QualityConsole console, SuiteBody body)
        => new() { Notation = SuiteEditor.NotationOf(console, body.Notation ?? JsonNotation.Instance.Name), Text = body.Text ?? string.Empty };

    private static CheckBody Checked(SuiteEditor editor) => new(editor.Check.Suite?.Name, editor.Check.Suite?.Table, editor.Rules.Count, editor.Check.Problems);
}
