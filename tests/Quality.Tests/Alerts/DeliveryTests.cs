using System.Text;
using DataPlatform.Kernel;
using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Quality.Tests.Alerts;

public sealed class DeliveryTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2001, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly string _folder = Directory.CreateTempSubdirectory("quality-delivery-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task What_is_beyond_a_channels_rate_is_sent_together_and_nothing_is_lost()
    {
        var box = new Box();
        using var desk = Desk(new InMemoryAlertStore(), new AlertChannel("chat", box) { Burst = 3, RefillEvery = TimeSpan.FromMinutes(1) });
        await SeeAsync(desk, 50);
        Assert.Equal(50, await desk.SendDueAsync(Token));
        Assert.Equal([1, 1, 48], box.Batches.Select(b => b.Count));

        await SeeAsync(desk, 5, "later");
        Assert.Equal(0, await desk.SendDueAsync(Token));
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(0, await desk.SendDueAsync(Token));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(5, await desk.SendDueAsync(Token));
        Assert.Equal(5, box.Batches[^1].Count);
        Assert.Equal(55, box.Batches.SelectMany(b => b).Select(m => m.Id).Distinct().Count());
    }

    [Fact]
    public async Task The_worst_is_sent_alone_when_not_all_can_be()
    {
        var box = new Box();
        using var desk = Desk(new InMemoryAlertStore(), new AlertChannel("chat", box) { Burst = 2 });
        await desk.ObserveAsync([Signal("w1", Severity.Warning), Signal("i1", Severity.Info), Signal("w2", Severity.Warning), Signal("c1")], Token);
        _time.Advance(TimeSpan.FromDays(2));

        await desk.SendDueAsync(Token);

        Assert.Equal(["c1", "w1,w2,i1"], box.Batches.Select(b => string.Join(',', b.Select(m => m.Key))));
    }

    [Fact]
    public async Task A_channel_that_is_down_keeps_no_other_waiting_and_gets_its_own_later()
    {
        var (up, down) = (new Box(), new Box { Refuses = true });
        using var desk = Desk(Stored(), new AlertChannel("down", down), new AlertChannel("up", up));
        await SeeAsync(desk, 3);
        Assert.Equal(3, await desk.SendDueAsync(Token));
        Assert.Equal((1, 3), (down.Attempts, up.Batches.Count));

        down.Refuses = false;
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(3, await desk.SendDueAsync(Token));
        Assert.Equal(3, down.Batches.Count);
        Assert.Equal(3, up.Batches.Count);
    }

    [Fact]
    public async Task An_escalation_is_told_of_what_nobody_is_on()
    {
        var (team, boss) = (new Box(), new Box());
        var escalation = new AlertChannel("boss", boss) { After = TimeSpan.FromHours(2), From = Severity.Critical };
        using var desk = Desk(new InMemoryAlertStore(), new AlertChannel("team", team), escalation);
        await desk.ObserveAsync([Signal("slept through"), Signal("taken"), Signal("over"), Signal("small", Severity.Warning)], Token);
        await desk.SendDueAsync(Token);
        await desk.ChangeAsync("taken", AlertMachine.Acknowledge, Token);
        _time.Advance(TimeSpan.FromHours(1));
        await desk.ObserveAsync([Signal("over") with { IsBad = false }], Token);
        Assert.Empty(boss.Batches);

        _time.Advance(TimeSpan.FromHours(1));
        await desk.SendDueAsync(Token);
        Assert.Equal(["slept through Opened"], boss.Said);

        await desk.ObserveAsync([Signal("slept through") with { IsBad = false }, Signal("taken") with { IsBad = false }], Token);
        await desk.SendDueAsync(Token);
        Assert.Equal(["slept through Opened", "slept through Resolved"], boss.Said);
        Assert.Equal(7, team.Said.Count());
    }

    [Fact]
    public void Quiet_hours_hold_back_by_severity_in_their_zone()
    {
        var berlin = TimeZoneInfo.CreateCustomTimeZone("one east", TimeSpan.FromHours(1), "one east", "one east");
        var policy = new AlertPolicy
        {
            ImmediateFrom = Severity.Info,
            Quiet =
            [
                new QuietHours(new TimeOnly(20, 0), new TimeOnly(8, 0), berlin) { Until = Severity.Info },
                new QuietHours(new TimeOnly(23, 0), new TimeOnly(6, 0), berlin),
                new QuietHours(new TimeOnly(8, 0), new TimeOnly(9, 0), berlin) { Until = Severity.Info },
            ],
        };
        var at = new DateTimeOffset(2001, 1, 1, 22, 30, 0, TimeSpan.Zero);

        Assert.Equal(at, policy.DueAt(Severity.Critical, at));
        Assert.Equal(new DateTimeOffset(2001, 1, 2, 5, 0, 0, TimeSpan.Zero), policy.DueAt(Severity.Warning, at));
        Assert.Equal(new DateTimeOffset(2001, 1, 2, 8, 0, 0, TimeSpan.Zero), policy.DueAt(Severity.Info, at));
        var never = policy with { Quiet = [new QuietHours(new TimeOnly(0, 0), new TimeOnly(12, 0), berlin), new QuietHours(new TimeOnly(12, 0), new TimeOnly(0, 0), berlin)] };
        Assert.True(never.DueAt(Severity.Warning, at) < at.AddDays(4));
    }

    [Fact]
    public async Task A_desk_killed_after_sending_sends_the_same_message_again_when_its_claim_has_run_out()
    {
        var box = new Box { DiesAfterSending = true };
        using (var first = Desk(Stored(), new AlertChannel("chat", box)))
        {
            await SeeAsync(first, 1);
            await Assert.ThrowsAsync<KilledException>(async () => await first.SendDueAsync(Token));
        }

        box.DiesAfterSending = false;
        using var second = Desk(Stored(), new AlertChannel("chat", box));
        Assert.Equal(0, await second.SendDueAsync(Token));
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(1, await second.SendDueAsync(Token));
        Assert.Equal(2, box.Batches.Count);
        Assert.Single(box.Batches.SelectMany(b => b).Select(m => m.Id).Distinct());
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(0, await second.SendDueAsync(Token));
    }

    [Fact]
    public async Task Two_desks_on_one_store_send_each_message_once()
    {
        var box = new Box();
        using var one = Desk(Stored(), new AlertChannel("chat", box) { Burst = 1_000 });
        using var two = Desk(Stored(), new AlertChannel("chat", box) { Burst = 1_000 });
        await SeeAsync(one, 100);

        var sent = await Task.WhenAll(Task.Run(() => one.SendDueAsync(Token).AsTask(), Token), Task.Run(() => two.SendDueAsync(Token).AsTask(), Token));

        Assert.Equal(100, sent.Sum());
        Assert.Equal(100, box.Batches.SelectMany(b => b).Select(m => m.Id).Distinct().Count());
        Assert.Equal(100, box.Batches.Count);
    }

    [Fact]
    public async Task Two_desks_that_see_one_alert_open_it_once()
    {
        using var one = Desk(Stored(), new AlertChannel("chat", new Box()));
        using var two = Desk(Stored(), new AlertChannel("chat", new Box()));

        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => (i % 2 == 0 ? one : two).ObserveAsync([Signal("k")], Token).AsTask(), Token)));

        Assert.Equal(20, (await Stored().FindAsync("k", Token))!.Occurrences);
        Assert.Single(await Stored().ClaimAsync("chat", _time.GetUtcNow(), _time.GetUtcNow(), 10, Token));
    }

    [Fact]
    public void A_signature_is_refused_when_it_is_old_or_of_another_body_or_secret()
    {
        var now = _time.GetUtcNow();
        var (timestamp, body, tolerance) = ("978350400", Encoding.UTF8.GetBytes("[]"), TimeSpan.FromMinutes(5));
        var signature = "sha256=" + WebhookNotifier.Sign("secret", timestamp, body);

        Assert.True(WebhookNotifier.IsGenuine("secret", timestamp, body, signature, now, tolerance));
        Assert.False(WebhookNotifier.IsGenuine("secret", timestamp, body, signature, now.AddMinutes(6), tolerance));
        Assert.False(WebhookNotifier.IsGenuine("secret", timestamp, body, signature, now.AddMinutes(-6), tolerance));
        Assert.False(WebhookNotifier.IsGenuine("secret", "978350401", body, signature, now, tolerance));
        Assert.False(WebhookNotifier.IsGenuine("other", timestamp, body, signature, now, tolerance));
        Assert.False(WebhookNotifier.IsGenuine("secret", timestamp, "[1]"u8, signature, now, tolerance));
        Assert.False(WebhookNotifier.IsGenuine("secret", "yesterday", body, signature, now, tolerance));
        Assert.False(WebhookNotifier.IsGenuine("secret", null, body, null, now, tolerance));
    }

    [Fact]
    public void Two_channels_of_one_name_are_refused()
        => Assert.Contains("chat", Assert.Throws<ArgumentException>(
            () => Desk(new InMemoryAlertStore(), new AlertChannel("chat", new Box()), new AlertChannel("chat", new Box()))).Message, StringComparison.Ordinal);

    private static AlertSignal Signal(string key, Severity severity = Severity.Critical) => new(key, $"{key} is wrong", severity, true, "3 rows");

    private static async Task SeeAsync(AlertDesk desk, int count, string prefix = "k")
        => await desk.ObserveAsync(Enumerable.Range(0, count).Select(i => Signal($"{prefix}{i}")), Token);

    private AlertDesk Desk(IAlertStore store, params AlertChannel[] channels) => new(store, channels, time: _time);

    private SqliteAlertStore Stored() => new(QualityDatabase.Open(Path.Combine(_folder, "quality.db")));

    private sealed class KilledException : Exception;

    private sealed class Box : INotifier
    {
        private readonly Lock _gate = new();

        public List<IReadOnlyList<AlertMessage>> Batches { get; } = [];

        public IEnumerable<string> Said => Batches.SelectMany(b => b).Select(m => $"{m.Key} {m.Kind}");

        public bool Refuses { get; set; }

        public bool DiesAfterSending { get; set; }

        public int Attempts { get; private set; }

        public ValueTask SendAsync(IReadOnlyList<AlertMessage> messages, CancellationToken cancellationToken = default)
        {
            lock (_gate)
            {
                Attempts++;
                if (Refuses)
                {
                    throw new QualityException(ErrorKind.Unavailable, "not now");
                }

                Batches.Add(messages);
            }

            return DiesAfterSending ? throw new KilledException() : ValueTask.CompletedTask;
        }
    }
}
