using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.Tests.Stores;

/// <summary>What every store of alerts must do.</summary>
public abstract class AlertStoreContract
{
    private static readonly DateTimeOffset Noon = new(2001, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A new, empty store.</summary>
    protected abstract ValueTask<IAlertStore> OpenAsync();

    [Fact]
    public async Task An_alert_comes_back_as_it_was_and_an_old_image_is_refused()
    {
        var store = await OpenAsync();
        var alert = Alert("a") with { Column = new ColumnId("t", "x"), MutedUntil = Noon.AddHours(1), State = AlertState.Muted };
        Assert.Null(await store.FindAsync("a", Token));

        Assert.True(await store.TrySaveAsync(alert, [], Token));
        Assert.False(await store.TrySaveAsync(alert, [Message("a#9")], Token));

        var kept = (await store.FindAsync("a", Token))!;
        Assert.Equal(alert with { Revision = 1 }, kept);
        Assert.True(await store.TrySaveAsync(kept with { Occurrences = 2 }, [], Token));
        Assert.False(await store.TrySaveAsync(kept with { Occurrences = 3 }, [], Token));
        Assert.Equal(2, (await store.FindAsync("a", Token))!.Occurrences);
        Assert.Empty(await store.ClaimAsync("mail", Noon.AddDays(1), Noon.AddDays(2), 10, Token));
    }

    [Fact]
    public async Task Alerts_are_listed_newest_first_and_resolved_ones_on_demand()
    {
        var store = await OpenAsync();
        await store.TrySaveAsync(Alert("a"), [], Token);
        await store.TrySaveAsync(Alert("b") with { OpenedAt = Noon.AddHours(1) }, [], Token);
        await store.TrySaveAsync(Alert("c") with { State = AlertState.Resolved }, [], Token);

        Assert.Equal(["b", "a"], (await store.ListAsync(cancellationToken: Token)).Select(a => a.Key));
        Assert.Equal(["b", "a", "c"], (await store.ListAsync(includeResolved: true, Token)).Select(a => a.Key));
    }

    [Fact]
    public async Task Open_alerts_are_found_by_the_datasets_of_their_columns()
    {
        var store = await OpenAsync();
        foreach (var (key, dataset, state) in new[] { ("a", "t", AlertState.Open), ("b", "t", AlertState.Muted), ("c", "t", AlertState.Resolved), ("d", "u", AlertState.Open), ("e", "T", AlertState.Open) })
        {
            await store.TrySaveAsync(Alert(key) with { Column = new ColumnId(dataset, "x"), State = state }, [], Token);
        }

        await store.TrySaveAsync(Alert("of no column"), [], Token);

        Assert.Equal(["a", "b"], (await store.MatteringAsync(["t", "v"], Token)).Select(a => a.Key).Order(StringComparer.Ordinal));
        Assert.Equal(new ColumnId("u", "x"), Assert.Single(await store.MatteringAsync(["u"], Token)).Column);
        Assert.Empty(await store.MatteringAsync([], Token));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await store.MatteringAsync([.. Enumerable.Range(0, 1_001).Select(i => $"t{i}")], Token));
    }

    [Fact]
    public async Task A_message_is_claimed_by_one_until_the_claim_runs_out_or_is_given_back()
    {
        var store = await OpenAsync();
        await store.TrySaveAsync(Alert("a"), [Message("a#1"), Message("a#1") with { Channel = "chat" }, Message("a#2") with { DueAt = Noon.AddHours(9) }], Token);

        Assert.Equal([Message("a#1")], await store.ClaimAsync("mail", Noon, Noon.AddMinutes(5), 10, Token));
        Assert.Empty(await store.ClaimAsync("mail", Noon.AddMinutes(4), Noon.AddMinutes(9), 10, Token));
        Assert.Single(await store.ClaimAsync("chat", Noon, Noon.AddMinutes(5), 10, Token));
        var again = Assert.Single(await store.ClaimAsync("mail", Noon.AddMinutes(5), Noon.AddMinutes(10), 10, Token));
        await store.PostponeAsync([again with { Attempts = 1, DueAt = Noon.AddMinutes(6) }], Token);
        Assert.Equal(1, Assert.Single(await store.ClaimAsync("mail", Noon.AddMinutes(6), Noon.AddMinutes(11), 10, Token)).Attempts);
    }

    [Fact]
    public async Task A_sent_message_is_neither_claimed_nor_made_again()
    {
        var store = await OpenAsync();
        await store.TrySaveAsync(Alert("a"), [Message("a#1")], Token);
        await store.RemoveAsync(await store.ClaimAsync("mail", Noon, Noon, 10, Token), Token);

        await store.TrySaveAsync(Alert("a") with { Revision = 1 }, [Message("a#1")], Token);

        Assert.Empty(await store.ClaimAsync("mail", Noon.AddDays(1), Noon.AddDays(1), 10, Token));
    }

    [Fact]
    public async Task Many_due_messages_are_claimed_oldest_first_and_each_once()
    {
        var store = await OpenAsync();
        await store.TrySaveAsync(Alert("a"), [.. Enumerable.Range(0, 50).Select(i => Message($"a#{i:00}") with { At = Noon.AddSeconds(-i) })], Token);

        List<string> claimed = [];
        while (await store.ClaimAsync("mail", Noon, Noon.AddMinutes(5), 7, Token) is { Count: > 0 } batch)
        {
            claimed.AddRange(batch.Select(m => m.Id));
        }

        Assert.Equal(Enumerable.Range(0, 50).Reverse().Select(i => $"a#{i:00}"), claimed);
    }

    [Fact]
    public async Task What_is_over_is_forgotten_in_small_batches()
    {
        var store = await OpenAsync();
        await store.TrySaveAsync(Alert("open"), [Message("open#1"), Message("open#2")], Token);
        await store.TrySaveAsync(Alert("over") with { State = AlertState.Resolved }, [], Token);
        await store.RemoveAsync([Message("open#1")], Token);

        Assert.Equal(0, await store.RemoveBeforeAsync(Noon, 10, Token));
        Assert.Equal(1, await store.RemoveBeforeAsync(Noon.AddDays(1), 1, Token));
        Assert.Equal(1, await store.RemoveBeforeAsync(Noon.AddDays(1), 10, Token));
        Assert.Equal(["open"], (await store.ListAsync(includeResolved: true, Token)).Select(a => a.Key));
        Assert.Equal(["open#2"], (await store.ClaimAsync("mail", Noon, Noon, 10, Token)).Select(m => m.Id));
    }

    private static Alert Alert(string key)
        => new(key, "t is wrong", Severity.Critical, AlertState.Open, "3 rows", Noon, Noon.AddSeconds(1), Noon.AddSeconds(2), Sequence: 3);

    private static AlertMessage Message(string id)
        => new(id, "a", AlertMessageKind.Opened, "t is wrong", Severity.Warning, "3 rows", Noon, Noon, Channel: "mail");
}
