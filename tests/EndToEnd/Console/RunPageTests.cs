using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using DataPlatform.TestKit.Browser;

namespace DataPlatform.EndToEnd.Console;

/// <summary>Runs, their tasks and logs, and what is done to them, in a browser.</summary>
public sealed class RunPageTests(BrowserFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_waiting_task_says_why_and_a_run_is_cancelled()
    {
        await using var page = await fixture.OpenAsync();
        await using var site = await ConsoleSite.StartAsync(Token);
        var id = await site.Engine.TriggerAsync("slow", cancellationToken: Token);
        await page.GoAsync(site.Root + $"run/{id}");
        await page.UntilAsync("document.querySelector('tr[data-task=holds] .badge')?.innerText === 'running'");
        await page.HasTextAsync("tr[data-why=wants] .badge", "pool");
        await page.ShowsAsync("tr[data-why=wants]", "pool narrow has 0 of 1 free");
        await page.ShowsAsync("tr[data-why=after]", "of 1 upstream 0 succeeded");
        await page.FollowAsync("tr[data-why=wants] a");
        await page.ShowsAsync("#why", "pool narrow");
        await page.GoAsync(site.Root + "pools");
        await page.HasTextsAsync("tr[data-pool=narrow] td.num", "1", "1", "0", "1");

        await page.GoAsync(site.Root + $"run/{id}");
        await page.FollowAsync("form[action$=cancel] button");

        await page.HasTextAsync(".notice", $"Run {id} was cancelled.");
        Assert.Equal(DagRunState.Cancelled, (await site.Store.FindRunAsync(id, Token))!.State);
        Assert.All(await site.Store.ListTaskInstancesAsync(id, Token), task => Assert.True(task.State is TaskState.Cancelled or TaskState.UpstreamFailed, task.ToString()));
        await page.HasCountAsync("#why", 0);
        Assert.Empty(page.Errors);
    }

    [Theory]
    [InlineData("mark-success", DagRunState.Success)]
    [InlineData("mark-failed", DagRunState.Failed)]
    public async Task A_run_is_ended_by_hand(string verb, DagRunState state)
    {
        await using var page = await fixture.OpenAsync();
        await using var site = await ConsoleSite.StartAsync(Token);
        var id = await site.Engine.TriggerAsync("slow", cancellationToken: Token);
        await page.GoAsync(site.Root + $"run/{id}");

        await page.FollowAsync($"form[action$={verb}] button");

        Assert.Equal(state, (await site.Store.FindRunAsync(id, Token))!.State);
        Assert.Equal("run.mark", Assert.Single(await site.Store.Audit.ListAsync(new AuditQuery { RunId = id }, Token)).Action);
    }

    [Fact]
    public async Task Tasks_are_cleared_after_a_preview_of_what_is_touched()
    {
        await using var page = await fixture.OpenAsync();
        await using var site = await ConsoleSite.StartAsync(Token);
        var run = await site.RunAsync("mart", Token);
        await page.GoAsync(site.Root + $"run/{run.Id}");
        await page.FollowAsync("tr[data-task=gate] td.act a");
        await page.HasCountAsync("tr[data-affected]", 7);
        await page.ClickAsync("input[name=alone]");
        await page.UntilAsync("document.querySelectorAll('tr[data-affected]').length === 1");
        Assert.Equal(1, (await site.Store.ListTaskInstancesAsync(run.Id, Token)).Max(task => task.Try));

        await page.FollowAsync("main form button.primary");
        await site.Engine.WaitForRunAsync(run.Id, Token);

        Assert.Equal(["gate"], (await site.Store.ListTaskInstancesAsync(run.Id, Token)).Where(task => task.Try == 2).Select(task => task.TaskId));
        await page.FollowAsync(".tabs a[href*=audit]");
        await page.ShowsAsync("tr[data-audit]", "cleared 1 task instances");
        await page.GoAsync(site.Root + $"run/{run.Id}/task?task=gate");
        await page.HasTextsAsync("#tries tbody td:first-child", "2", "1");
    }

    [Fact]
    public async Task Failed_tasks_are_run_again_and_one_is_marked_by_hand()
    {
        await using var page = await fixture.OpenAsync();
        await using var site = await ConsoleSite.StartAsync(Token);
        var run = await site.RunAsync("mart", Token);
        await page.GoAsync(site.Root + $"run/{run.Id}/clear?failed=true");
        await page.HasTextsAsync("tr[data-affected] td:first-child", "fails");
        await page.FollowAsync("main form button.primary");
        await site.Engine.WaitForRunAsync(run.Id, Token);

        await page.GoAsync(site.Root + $"run/{run.Id}/task?task=fails");
        await page.FollowAsync(".actions a[href*='state=Success']");
        await page.HasTextsAsync("tr[data-affected] td:first-child", "fails");
        await page.FollowAsync("main form button.primary");

        var task = (await site.Store.ListTaskInstancesAsync(run.Id, Token)).Single(task => task.TaskId == "fails");
        Assert.Equal((TaskState.Success, 2, "marked Success by hand"), (task.State, task.Try, task.Note));
        Assert.Equal(["task.mark", "run.clear"], (await site.Store.Audit.ListAsync(new AuditQuery { RunId = run.Id }, Token)).Select(entry => entry.Action));
    }

    [Fact]
    public async Task What_cannot_be_done_is_said_on_a_page_and_in_the_audit_log()
    {
        await using var page = await fixture.OpenAsync();
        await using var site = await ConsoleSite.StartAsync(Token);
        var id = await site.Engine.TriggerAsync("slow", cancellationToken: Token);
        await page.GoAsync(site.Root + $"run/{id}/mark?task=after&state=Success");
        await page.EvaluateAsync("document.querySelector('[name=state]').value = 'Running'");

        await page.FollowAsync("main form button.primary");

        await page.ShowsAsync("[role=alert]", "A task is marked Success, Failed or Skipped");
        Assert.Equal(AuditOutcome.Refused, Assert.Single(await site.Store.Audit.ListAsync(new AuditQuery { RunId = id }, Token)).Outcome);
    }

    [Fact]
    public async Task A_log_is_followed_line_by_line_until_its_try_ends()
    {
        await using var page = await fixture.OpenAsync();
        await using var site = await ConsoleSite.StartAsync(Token);
        var id = await site.Engine.TriggerAsync("talk", cancellationToken: Token);
        site.Dags.Say("first <line>");
        await ConsoleSite.UntilAsync(async () => (await site.Store.ListTaskInstancesAsync(id, Token)).Any(task => task.State == TaskState.Running), Token);
        await page.GoAsync(site.Root + $"run/{id}/log?task=say");
        await page.UntilAsync("document.getElementById('log').textContent.includes('first <line>')");
        await page.HasTextAsync("#following", "live");

        site.Dags.Say("second line");
        await page.UntilAsync("document.getElementById('log').textContent.includes('second line')");
        site.Dags.Say(null);

        await page.UntilAsync("document.getElementById('following').textContent === 'ended'");
        await page.GivesAsync("document.getElementById('log').textContent.trim().split('\\n').length", "2");
        await BrowserFixture.KeepAsync(page, "action-log");
    }

    [Fact]
    public async Task Tasks_of_a_run_are_filtered_paged_drawn_over_time_and_as_a_graph()
    {
        await using var page = await fixture.OpenAsync();
        await using var site = await ConsoleSite.StartAsync(Token);
        var run = await site.RunAsync("wide", Token);
        await page.GoAsync(site.Root + $"run/{run.Id}");
        await page.HasCountAsync("tr[data-task]", 200);
        await page.HasTextAsync(".tile b", "600");
        await page.FollowAsync("#tasks .pager a[rel=next]");
        await page.FollowAsync("#tasks .pager a[rel=next]");
        await page.HasCountAsync("tr[data-task]", 200);
        await page.GivesAsync("new URLSearchParams(location.search).get('after')", "399.-1");
        await page.GoAsync(site.Root + $"run/{run.Id}?task=part02.t123");
        await page.HasTextsAsync("tr[data-task] td:first-child", "part02.t123");

        await page.GoAsync(site.Root + $"run/{run.Id}/gantt");
        await page.HasCountAsync("svg.chart text.strong", 150);
        await page.GoAsync(site.Root + $"run/{run.Id}/graph");
        await page.HasCountAsync("svg.nodes .node", 12);
        await page.FollowAsync("a[href*='groups=open']");
        await page.HasCountAsync("svg.nodes .node", 600);
    }

    [Fact]
    public async Task A_page_that_is_open_shows_what_happens()
    {
        await using var page = await fixture.OpenAsync();
        await using var site = await ConsoleSite.StartAsync(Token);
        await page.GoAsync(site.Root + "runs?dag=report");
        await page.UntilAsync("document.documentElement.dataset.connected === 'yes'");
        await page.HasCountAsync("tr[data-run]", 0);

        var run = await site.RunAsync("report", Token);

        await page.UntilAsync($"document.querySelector('tr[data-run=\"{run.Id}\"] .badge.good')");
    }

    [Fact]
    public async Task Datasets_show_who_waits_for_what()
    {
        await using var page = await fixture.OpenAsync();
        await using var site = await ConsoleSite.StartAsync(Token);
        site.Feed.Publish(new DatasetVersion(new DatasetId("lake/orders"), 3));
        await ConsoleSite.UntilAsync(async () => (await site.Store.History.ListDatasetProgressAsync(Token)).Count == 1, Token);
        await page.GoAsync(site.Root + "datasets");
        await page.HasCountAsync("svg.nodes .node", 8);
        await page.HasCountAsync("svg.nodes .edge.dash", 1);
        var row = await page.TextsAsync("tr[data-dataset='lake/orders'] td");
        Assert.Equal(["lake/orders", "orders", "3", "none", "waits"], row.Where((_, place) => place != 1));
        Assert.EndsWith(" ago", row[1], StringComparison.Ordinal);
        Assert.Equal(["mart/joined", "orders.join", "writes it", "not seen", "mart/joined", "mart.report", "reads it", ""], await page.TextsAsync("tr[data-use='mart/joined'] td"));

        site.Feed.Publish(new DatasetVersion(new DatasetId("lake/customers"), 8));

        await page.UntilAsync("document.querySelectorAll('tr[data-dataset] .badge').length === 0");
        await page.UntilAsync("document.querySelector('tr[data-use=\"mart/joined\"] td:last-child').textContent.endsWith(' ago')");
        await page.GoAsync(site.Root + "datasets");
        await BrowserFixture.KeepAsync(page, "datasets-told");
        await page.UntilAsync("document.querySelector('svg.nodes [data-node=\"dataset mart/joined\"] .detail').textContent.startsWith('updated ')");
        await page.GoAsync(site.Root + "datasets?q=report");
        Assert.Equal(2, await page.CountAsync("tr[data-dataset]"));
        await page.GoAsync(site.Root + "datasets?q=customers");
        await page.HasCountAsync("tr[data-dataset]", 1);
    }
}
