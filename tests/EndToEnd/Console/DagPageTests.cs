using System.Globalization;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.EndToEnd.Console;

/// <summary>The list of DAGs and the views of one, in a browser.</summary>
public sealed class DagPageTests(BrowserFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_dag_is_triggered_from_the_list_and_its_run_is_shown()
    {
        await using var page = await fixture.OpenAsync();
        await using var site = await ConsoleSite.StartAsync(Token);
        await page.GoAsync(site.Root);

        await page.FollowAsync("tr[data-dag=mart] form[action$=trigger] button");

        Assert.Matches(@"^Run \d+ of mart was started\.$", await page.TextAsync(".notice"));
        var run = (await site.Store.ListRunsAsync(new RunQuery { DagId = "mart" }, Token)).First(run => run.Kind == DagRunKind.Manual);
        Assert.Equal($"mart, run {run.Id}", await page.TextAsync("h1"));
        await page.UntilAsync("document.querySelector('#run-state')?.innerText === 'success'");
        await page.UntilAsync("document.querySelectorAll('tr[data-task]').length === 7");
        var audit = Assert.Single(await site.Store.Audit.ListAsync(new AuditQuery(), Token));
        Assert.Equal(("dag.trigger", "local", AuditOutcome.Done, $"run {run.Id}"), (audit.Action, audit.Actor, audit.Outcome, audit.Result));
        Assert.StartsWith("page ", audit.From, StringComparison.Ordinal);
        await page.GoAsync(site.Root);
        Assert.Equal(0, await page.CountAsync(".notice"));
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task A_form_of_typed_parameters_is_checked_kept_and_becomes_the_run_s_json()
    {
        await using var page = await fixture.OpenAsync();
        await using var site = await ConsoleSite.StartAsync(Token);
        await page.GoAsync(site.Root + "dag/report/trigger");
        Assert.Equal(("number", "1000", "csv"), (
            (await page.EvaluateAsync("document.querySelector('[name=\"p.rows\"]').type")).GetString(),
            (await page.EvaluateAsync("document.querySelector('[name=\"p.rows\"]').max")).GetString(),
            (await page.EvaluateAsync("document.querySelector('[name=\"p.format\"]').value")).GetString()));

        await page.FillAsync("[name='p.rows']", "42");
        await page.FillAsync("[name='p.format']", "parquet");
        await page.FillAsync("[name='p.options']", "{");
        await page.ClickAsync("[name='p.dry']");
        await page.FollowAsync("main form button.primary");
        Assert.Equal("The parameter 'options' is '{', which is no JSON object.", await page.TextAsync("[role=alert]"));
        Assert.Equal("42", (await page.EvaluateAsync("document.querySelector('[name=\"p.rows\"]').value")).GetString());
        Assert.Empty(await site.Store.ListRunsAsync(new RunQuery { DagId = "report" }, Token));

        await page.FillAsync("[name='p.options']", "{\"deep\":[1]}");
        await page.FollowAsync("main form button.primary");

        var run = Assert.Single(await site.Store.ListRunsAsync(new RunQuery { DagId = "report" }, Token));
        Assert.Equal("""{"day":"2026-01-31","rows":42,"format":"parquet","dry":true,"options":{"deep":[1]}}""", run.Conf);
        await BrowserFixture.KeepAsync(page, "action-triggered");
    }

    [Fact]
    public async Task A_dag_is_paused_and_resumed()
    {
        await using var page = await fixture.OpenAsync();
        await using var site = await ConsoleSite.StartAsync(Token);
        await page.GoAsync(site.Root + "dag/daily");

        await page.FollowAsync("form[action$=pause] button");
        Assert.Equal("paused", await page.TextAsync(".trail .badge"));
        Assert.True((await site.Store.History.ListHeadsAsync(Token)).Single(head => head.Id == "daily").IsPaused);
        await page.GoAsync(site.Root + "?state=paused");
        Assert.Equal(["daily"], await page.TextsAsync("tr[data-dag] td:first-child > a"));
        await page.FollowAsync("tr[data-dag=daily] form[action$=resume] button");

        Assert.False((await site.Store.History.ListHeadsAsync(Token)).Single(head => head.Id == "daily").IsPaused);
        Assert.Equal(["dag.resume", "dag.pause"], (await site.Store.Audit.ListAsync(new AuditQuery(), Token)).Select(entry => entry.Action));
    }

    [Fact]
    public async Task Dags_are_searched_by_keyboard_and_chosen_by_tag()
    {
        await using var page = await fixture.OpenAsync();
        await using var site = await ConsoleSite.StartAsync(Token);
        await page.GoAsync(site.Root);

        await page.PressAsync("Tab");
        Assert.Equal("skip", (await page.EvaluateAsync("document.activeElement.className")).GetString());
        await page.PressAsync("/");
        await page.UntilAsync("document.activeElement.type === 'search'");
        await page.FillAsync("input[type=search]", "ARRIVALS");
        await page.PressAsync("Enter");
        await page.UntilAsync("location.search.includes('q=ARRIVALS') && document.querySelectorAll('tr[data-dag]').length === 1");
        Assert.Equal("8 DAGs, 0 paused, 1 match", await page.TextAsync("p.lead"));

        await page.GoAsync(site.Root + "?tag=manual");
        Assert.Equal(["report"], await page.TextsAsync("tr[data-dag] td:first-child > a"));
        await page.GoAsync(site.Root + "?q=nothing-like-it");
        Assert.Equal("No DAG matches.", await page.TextAsync("#dags"));
    }

    [Fact]
    public async Task The_grid_keeps_few_rows_in_the_document_and_finds_opens_and_leads_by_keyboard()
    {
        await using var page = await fixture.OpenAsync();
        await using var site = await ConsoleSite.StartAsync(Token);
        await site.RunAsync("wide", Token);
        await page.GoAsync(site.Root + "dag/wide");
        await page.UntilAsync("document.querySelector('.matrix .row')");
        Assert.Equal("600 of 600 tasks, 1 runs", await page.TextAsync("[data-said]"));
        Assert.InRange(await page.CountAsync(".matrix .row"), 20, 100);

        await page.EvaluateAsync("document.querySelector('.matrix').scrollTop = 1e6");
        await page.UntilAsync("document.querySelector('.row[data-task=\"part11.t599\"] .c8')");
        await page.FillAsync("#matrix-tools input[type=search]", ".t07");
        await page.UntilAsync("document.querySelectorAll('.matrix .row').length === 10");

        var mart = await site.RunAsync("mart", Token);
        await page.GoAsync(site.Root + "dag/mart");
        await page.UntilAsync("document.querySelectorAll('.matrix .row').length === 5");
        await page.ClickAsync("button[data-expand=each]");
        await page.UntilAsync("document.querySelectorAll('.matrix .row.sub').length === 2");
        Assert.Equal(["success", "skipped"], await page.TextsAsync(".row.sub .label"));
        await page.ClickAsync("#matrix-tools input[type=checkbox]");
        await page.UntilAsync("document.querySelectorAll('.matrix .row').length === 1");
        Assert.Equal("fails", await page.TextAsync(".matrix .row .label"));
        await page.EvaluateAsync("document.querySelector('.matrix').focus()");
        await page.PressAsync("ArrowRight");
        await page.PressAsync("ArrowRight");
        await page.PressAsync("Enter");
        await page.UntilAsync($"location.pathname.endsWith('/run/{mart.Id}') && location.search === '?task=fails'");
        Assert.Equal(["fails"], await page.TextsAsync("tr[data-task] td:first-child"));
        Assert.Empty(page.Errors);
    }

    [Fact]
    public async Task The_grid_goes_to_older_runs_and_back_and_follows_new_ones()
    {
        await using var page = await fixture.OpenAsync(700);
        await using var site = await ConsoleSite.StartAsync(Token);
        for (var i = 0; i < 40; i++)
        {
            await site.RunAsync("report", Token);
        }

        await page.GoAsync(site.Root + "dag/report");
        await page.UntilAsync("document.querySelector('.matrix .col')");
        var newest = (await page.EvaluateAsync("document.querySelector('.matrix .col:last-child a').href")).GetString();
        await page.ClickAsync("[data-older]");
        await page.UntilAsync($"document.querySelector('.matrix .col:last-child a').href !== '{newest}'");
        await page.ClickAsync("[data-newer]");
        await page.UntilAsync($"document.querySelector('.matrix .col:last-child a').href === '{newest}'");

        var next = await site.RunAsync("report", Token);

        await page.UntilAsync($"document.querySelector('.matrix .col:last-child a').href.endsWith('/run/{next.Id}')");
    }

    [Fact]
    public async Task The_graph_is_scaled_by_keys_narrowed_to_a_task_and_closes_groups()
    {
        await using var page = await fixture.OpenAsync();
        await using var site = await ConsoleSite.StartAsync(Token);
        var mart = await site.RunAsync("mart", Token);
        await page.GoAsync(site.Root + "dag/mart/graph");
        Assert.Equal((5, 5), (await page.CountAsync("svg.nodes .node"), await page.CountAsync("svg.nodes .edge")));
        await page.UntilAsync("document.querySelector('.graph-box[data-live-view]')");
        var before = await page.EvaluateAsync("document.querySelector('svg.nodes').viewBox.baseVal.width");
        await page.EvaluateAsync("document.querySelector('.graph-box').focus()");
        await page.PressAsync("+");
        await page.UntilAsync(string.Create(CultureInfo.InvariantCulture, $"document.querySelector('svg.nodes').viewBox.baseVal.width < {before.GetDouble()}"));
        await page.PressAsync("0");
        await page.FollowAsync("svg.nodes [data-node=fails] text");
        Assert.Equal("fails", await page.TextAsync("h2.mono"));
        Assert.Contains($"run/{mart.Id}/task", (await page.EvaluateAsync("location.pathname")).GetString(), StringComparison.Ordinal);

        await page.GoAsync(site.Root + "dag/wide/graph");
        Assert.Equal(12, await page.CountAsync("svg.nodes .node"));
        await page.GoAsync(site.Root + "dag/wide/graph?focus=part03.t170");
        Assert.Equal(7, await page.CountAsync("svg.nodes .node"));
        Assert.Equal(1, await page.CountAsync("svg.nodes .node.on"));
    }

    [Fact]
    public async Task A_day_of_the_calendar_leads_to_its_runs()
    {
        await using var page = await fixture.OpenAsync();
        await using var site = await ConsoleSite.StartAsync(Token);
        var id = await site.Engine.TriggerAsync("daily", logicalDate: new DateTimeOffset(2024, 2, 29, 13, 0, 0, TimeSpan.Zero), cancellationToken: Token);
        await site.Engine.WaitForRunAsync(id, Token);
        await page.GoAsync(site.Root + "dag/daily/calendar?year=2024");
        Assert.Equal(366, await page.CountAsync("svg.calendar rect"));

        await page.FollowAsync("svg.calendar a rect[data-day='2024-02-29']");

        Assert.Equal([$"{id}"], await page.TextsAsync("tr[data-run] td:first-child"));
        await page.FillAsync("input[name=day]", "2024-03-01");
        await page.UntilAsync("document.querySelector('#runs')?.innerText.trim() === 'No run matches.'");
    }

    [Fact]
    public async Task Two_versions_are_compared_and_a_schedule_says_its_next_fires()
    {
        await using var page = await fixture.OpenAsync();
        await using var site = await ConsoleSite.StartAsync(Token);
        await page.GoAsync(site.Root + "dag/mart/versions");
        Assert.Equal(2, await page.CountAsync("tr[data-version]"));

        await page.FollowAsync("tr[data-version]:first-child td:last-child a");

        Assert.Equal(["version: 0"], await page.TextsAsync("#diff .del td:last-child"));
        Assert.Equal(["version: 1"], await page.TextsAsync("#diff .add td:last-child"));
        await page.GoAsync(site.Root + "dag/mart/schedule");
        Assert.Equal(15, await page.CountAsync("td.when:first-child"));
    }
}
