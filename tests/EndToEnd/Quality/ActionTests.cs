using DataPlatform.Quality.Alerts;
using DataPlatform.TestKit.Browser;

namespace DataPlatform.EndToEnd.QualityPages;

/// <summary>Every action as a person does it, with the mouse and the keyboard.</summary>
public sealed class ActionTests(BrowserFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_shows_a_new_run_without_being_asked()
    {
        await using var visit = await fixture.OpenAsync();
        await visit.GoAsync("table?name=sales.orders&tab=runs");
        await visit.FollowsAsync();
        await visit.Page.UntilAsync("document.querySelector('#runs tbody tr')");
        var before = await visit.Page.CountAsync("#runs tbody tr");

        await visit.Demo.RunAgainAsync("sales.orders", Token);

        await visit.Page.UntilAsync($"document.querySelectorAll('#runs tbody tr').length === {before + 1}");
    }

    [Fact]
    public async Task The_overview_leads_to_rules_by_outcome_and_on_to_the_rows_that_break_one()
    {
        await using var visit = await fixture.OpenAsync();
        await visit.GoAsync("");

        await visit.Page.FollowAsync(".tile.bad a[href*='severity=critical']");
        await visit.Page.UntilAsync("document.querySelectorAll('.rules tbody tr').length > 0");
        await visit.Page.UntilAsync("[...document.querySelectorAll('.rules .badge')].every(badge => badge.innerText.trim() === 'fail')");
        await visit.Page.FollowAsync(".rules td.rule a[href*='rule?']");

        await visit.Page.ShowsAsync("#sample", "-12.5");
    }

    [Fact]
    public async Task Choosing_a_filter_asks_at_once()
    {
        await using var visit = await fixture.OpenAsync();
        await visit.GoAsync("rules");

        await visit.Page.FillAsync("select[name=outcome]", "Error");

        await visit.Page.UntilAsync("location.search.includes('outcome=Error') && document.querySelectorAll('.rules tbody tr').length === 1");
    }

    [Fact]
    public async Task Saying_that_a_point_was_real_changes_the_band_and_can_be_taken_back()
    {
        await using var visit = await fixture.OpenAsync();
        const string band = "document.querySelector('svg[aria-label^=\"rows over time\"] path').getAttribute('d')";
        await visit.GoAsync("table?name=sales.orders&tab=history");
        await visit.Page.UntilAsync(band);
        var before = (await visit.Page.EvaluateAsync(band)).GetString()!;
        const string button = "tr:has(input[name=series][value$='/rows']):nth-child(2) form:has(input[value=Real]) button";

        await visit.Page.FollowAsync(button);
        await visit.Page.ShowsAsync(".notice", "kept out of baselines");
        await visit.Page.UntilAsync($"{band} !== '{before}'");
        await visit.Page.FollowAsync("button[aria-pressed=true]");

        await visit.Page.GivesAsync(band, before);
    }

    [Fact]
    public async Task An_incident_is_acknowledged_muted_and_resolved_with_a_reason()
    {
        await using var visit = await fixture.OpenAsync();
        var incident = (await visit.Demo.Console.Incidents!.ListAsync(cancellationToken: Token)).Single(i => i.Members.Count == 3);
        await visit.GoAsync("incidents");
        await visit.Page.FollowAsync($"a[href*='{incident.Id}']");
        await visit.Page.HasCountAsync("[data-node]", 3);

        await visit.Page.FillAsync("input[name=reason]", "on it");
        await visit.Page.FollowAsync("button[value=acknowledge]");
        await visit.Page.ShowsAsync("#timeline", "acknowledge by local on it");
        await visit.Page.FillAsync("select[name=hours]", "72");
        await visit.Page.FollowAsync("button[value=mute]");
        Assert.Equal(AlertState.Muted, (await visit.Demo.Alerts.FindAsync(incident.AlertKey, Token))!.State);
        await visit.Page.FillAsync("input[name=reason]", "loaded again");
        await visit.Page.FollowAsync("button[value=resolve]");

        await visit.Page.HasCountAsync("button[value=acknowledge]", 0);
        Assert.Equal(["loaded again", "", "on it"], (await visit.Demo.Console.Audit!.ReadAsync(incident.AlertKey, null, 10, Token)).Select(e => e.Reason));
    }

    [Fact]
    public async Task Lineage_is_expanded_where_there_is_more_and_folded_again()
    {
        await using var visit = await fixture.OpenAsync();
        await visit.GoAsync("lineage?dataset=sales/orders&column=amount&depth=1");
        await visit.Page.UntilAsync("document.querySelector('[data-node]')");
        var before = await visit.Page.CountAsync("[data-node]");

        await visit.Page.FollowAsync("[data-node='sales/payments.amount']");
        await visit.Page.UntilAsync($"document.querySelectorAll('[data-node]').length > {before}");
        await visit.Page.FollowAsync(".band-head a:not(.button)");

        await visit.Page.HasCountAsync("[data-node]", before);
    }

    [Fact]
    public async Task What_a_person_says_of_lineage_is_drawn()
    {
        await using var visit = await fixture.OpenAsync();
        await visit.GoAsync("lineage?dataset=sales/orders&column=currency");

        await visit.Page.FillAsync("input[name=target]", "lake/rates");
        await visit.Page.FillAsync("input[name=targetColumn]", "currency");
        await visit.Page.FollowAsync("form[action*=annotate] button");

        await visit.Page.UntilAsync("document.querySelector('[data-node=\"lake/rates.currency\"]')");
        await visit.Page.ShowsAsync("#edges", "said by hand");
    }

    [Fact]
    public async Task A_table_is_profiled_by_a_button()
    {
        await using var visit = await fixture.OpenAsync();
        await visit.GoAsync("table?name=sales.orders&tab=profile");

        await visit.Page.FollowAsync("form[action*='table/profile'] button");

        await visit.Page.ShowsAsync(".notice", "6 columns profiled");
    }

    [Fact]
    public async Task A_suite_is_written_with_suggestions_and_the_form_checked_tried_and_saved()
    {
        await using var visit = await fixture.OpenAsync();
        var page = visit.Page;
        await visit.GoAsync("suite/edit?table=sales.orders");
        await page.FillAsync("#text", "table: sales.orders\nsuite: mine\nrules: 3\n");
        await page.FollowAsync(".editor button[value=check]");
        await page.ShowsAsync(".problems", "3:1");

        await page.FillAsync("#text", "table: sales.orders\nsuite: mine\nrules: []\n");
        await page.FollowAsync("#suggestions button[value=suggest]");
        await page.FollowAsync("#suggestions button[value*='\"kind\":\"unique\"']");
        await page.FillAsync("select[name=kind]", "range");
        await page.UntilAsync("document.querySelector('input[name=f-min]')");
        await page.FillAsync("input[name=f-column]", "amount");
        await page.FillAsync("input[name=f-min]", "0");
        await page.FollowAsync("button[value=add]");
        await page.FollowAsync("button[value=try]");
        await page.ShowsAsync("#trial", "of rows would break it");
        await page.FillAsync("input[name=reason]", "a start");
        await page.FollowAsync("button[value=save]");

        await page.HasTextAsync("h1", "mine");
        var saved = await visit.Demo.Console.Suites!.FindAsync("mine", cancellationToken: Token);
        Assert.Equal((1, 2, "local", "a start"), (saved!.Version, saved.Rules, saved.Author, saved.Reason));
        Assert.Empty(page.Errors);
    }
}
