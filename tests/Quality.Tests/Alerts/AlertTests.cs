using System.Net;
using System.Text;
using DataPlatform.Kernel;
using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.Mail;
using DataPlatform.Quality.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Quality.Tests.Alerts;

public sealed class AlertTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2001, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly string _folder = Directory.CreateTempSubdirectory("quality-alerts-").FullName;
    private readonly Box _box = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_alert_opens_once_reminds_and_resolves(bool onDisk)
    {
        using var desk = Desk(onDisk ? Stored() : new InMemoryAlertStore());
        await SeeAsync(desk, true);
        await SeeAsync(desk, true);
        _time.Advance(TimeSpan.FromHours(4));
        await SeeAsync(desk, true);
        await SeeAsync(desk, null);
        await SeeAsync(desk, false);
        await SeeAsync(desk, false);
        await SeeAsync(desk, true);

        Assert.Equal(["Opened", "Reminded", "Resolved", "Opened"], _box.Messages.Select(m => m.Kind.ToString()));
        Assert.Equal(4, _box.Messages.Select(m => m.Id).Distinct().Count());
    }

    [Fact]
    public async Task Errors_neither_open_nor_close()
    {
        using var desk = Desk(new InMemoryAlertStore());
        await SeeAsync(desk, null);
        Assert.Empty(_box.Messages);

        await SeeAsync(desk, true);
        await SeeAsync(desk, null);
        Assert.Single(_box.Messages);
    }

    [Fact]
    public async Task An_acknowledged_alert_is_silent_until_it_resolves_and_a_muted_one_until_its_time()
    {
        var store = new InMemoryAlertStore();
        using var desk = Desk(store);
        await SeeAsync(desk, true);
        await desk.ChangeAsync("k", AlertMachine.Acknowledge, Token);
        _time.Advance(TimeSpan.FromDays(2));
        await SeeAsync(desk, true);
        Assert.Equal((AlertState.Acknowledged, 2), (Assert.Single(await store.ListAsync(cancellationToken: Token)).State, (await store.FindAsync("k", Token))!.Occurrences));
        await desk.ChangeAsync("k", a => AlertMachine.Mute(a, _time.GetUtcNow().AddHours(1)), Token);
        await SeeAsync(desk, true);
        _time.Advance(TimeSpan.FromHours(1));
        await SeeAsync(desk, true);

        Assert.Equal(["Opened", "Reminded"], _box.Messages.Select(m => m.Kind.ToString()));
        await Assert.ThrowsAsync<QualityException>(async () => await desk.ChangeAsync("nothing", AlertMachine.Acknowledge, Token));
    }

    [Fact]
    public async Task A_message_that_is_not_taken_is_sent_again_later_and_later_and_then_given_up()
    {
        var store = Stored();
        using var desk = Desk(store, new AlertPolicy { AttemptsMax = 3, RetryAfter = TimeSpan.FromSeconds(30) });
        _box.Refuses = true;
        await SeeAsync(desk, true);
        List<int> attempts = [];
        foreach (var wait in new[] { 29, 1, 59, 1, 100_000 })
        {
            _time.Advance(TimeSpan.FromSeconds(wait));
            await desk.SendDueAsync(Token);
            attempts.Add(_box.Attempts);
        }

        Assert.Equal([1, 2, 2, 3, 3], attempts);
    }

    [Fact]
    public async Task Small_things_wait_for_a_digest_and_warnings_for_the_end_of_quiet_hours()
    {
        var quiet = new AlertPolicy { Quiet = [new QuietHours(new TimeOnly(22, 0), new TimeOnly(7, 0), TimeZoneInfo.Utc)] };
        using var desk = Desk(new InMemoryAlertStore(), quiet);
        await SeeAsync(desk, true, Severity.Info, "a");
        await SeeAsync(desk, true, Severity.Info, "b");
        _time.SetUtcNow(new DateTimeOffset(2001, 1, 1, 23, 0, 0, TimeSpan.Zero));
        await SeeAsync(desk, true, Severity.Warning, "w");
        await SeeAsync(desk, true, Severity.Critical, "c");
        Assert.Equal(["c"], _box.Messages.Select(m => m.Key));

        _time.SetUtcNow(new DateTimeOffset(2001, 1, 2, 7, 0, 0, TimeSpan.Zero));
        await desk.SendDueAsync(Token);
        Assert.Equal(["a,b", "w"], _box.Batches.Skip(1).Select(b => string.Join(',', b.Select(m => m.Key))).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_run_opens_alerts_for_failures_only()
    {
        Verdict Of(string id, Outcome outcome) => new() { RuleId = id, Rule = id, Kind = "k", Severity = Severity.Critical, Outcome = outcome, Message = "m" };
        var result = new SuiteResult
        {
            RunId = "r",
            Suite = "s",
            Table = "t",
            StartedAt = _time.GetUtcNow(),
            Duration = TimeSpan.Zero,
            Queries = new QueryCounts(),
            Verdicts = [Of("fail", Outcome.Fail), Of("pass", Outcome.Pass), Of("error", Outcome.Error), Of("none", Outcome.NoData)],
        };
        using var desk = Desk(new InMemoryAlertStore());

        Assert.Equal(1, await desk.ObserveAsync(AlertSignal.Of(result), Token));
    }

    [Fact]
    public async Task A_webhook_is_signed_over_its_time_and_body()
    {
        using var server = new HttpListener();
        var address = $"http://127.0.0.1:{FreePort()}/hook/";
        server.Prefixes.Add(address);
        server.Start();
        using var client = new HttpClient();
        var sending = new WebhookNotifier(client, new Uri(address), "secret", _time).SendAsync([Message()], Token).AsTask();
        var context = await server.GetContextAsync();
        using var body = new MemoryStream();
        await context.Request.InputStream.CopyToAsync(body, Token);
        context.Response.Close();
        await sending;

        var timestamp = context.Request.Headers["X-Signature-Timestamp"]!;
        Assert.Equal("978350400", timestamp);
        Assert.Equal("sha256=" + WebhookNotifier.Sign("secret", timestamp, body.ToArray()), context.Request.Headers["X-Signature-256"]);
        Assert.NotEqual(WebhookNotifier.Sign("other", timestamp, body.ToArray()), WebhookNotifier.Sign("secret", timestamp, body.ToArray()));
        Assert.Contains("\"kind\":\"Opened\"", Encoding.UTF8.GetString(body.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slack_message_escapes_markup_and_a_refusal_is_an_error_that_can_be_tried_again()
    {
        using var server = new HttpListener();
        var address = $"http://127.0.0.1:{FreePort()}/slack/";
        server.Prefixes.Add(address);
        server.Start();
        using var client = new HttpClient();
        var sending = new SlackNotifier(client, new Uri(address)).SendAsync([Message() with { Detail = "a < b" }], Token).AsTask();
        var context = await server.GetContextAsync();
        using var reader = new StreamReader(context.Request.InputStream);
        var text = await reader.ReadToEndAsync(Token);
        context.Response.StatusCode = 429;
        context.Response.Close();

        Assert.Equal(ErrorKind.Unavailable, (await Assert.ThrowsAsync<QualityException>(() => sending)).Kind);
        Assert.Contains("a \\u0026lt; b", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mail_arrives_at_a_real_smtp_server()
    {
        await using var server = new SmtpInbox();
        var options = new MailOptions { Host = "127.0.0.1", Port = server.Port, UseTls = false, From = "dq@example.org", To = ["ops@example.org"] };

        await new MailNotifier(options).SendAsync([Message()], Token);

        var mail = await server.ReceivedAsync(Token);
        Assert.Contains("Subject: [Critical] Opened: t is wrong", mail, StringComparison.Ordinal);
        Assert.Contains("To: ops@example.org", mail, StringComparison.Ordinal);
        Assert.Contains("Message-Id: <k%231@quality.local>", mail, StringComparison.Ordinal);
        var unreachable = options with { Port = FreePort() };
        Assert.Equal(ErrorKind.Unavailable, (await Assert.ThrowsAsync<QualityException>(async () => await new MailNotifier(unreachable).SendAsync([Message()], Token))).Kind);
    }

    private static AlertMessage Message() => new("k#1", "k", AlertMessageKind.Opened, "t is wrong", Severity.Critical, "3 rows", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch);

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private AlertDesk Desk(IAlertStore store, AlertPolicy? policy = null) => new(store, [new AlertChannel("box", _box)], policy, _time);

    private SqliteAlertStore Stored() => new(QualityDatabase.Open(Path.Combine(_folder, "quality.db")));

    private static async Task SeeAsync(AlertDesk desk, bool? isBad, Severity severity = Severity.Critical, string key = "k")
    {
        await desk.ObserveAsync([new AlertSignal(key, "t is wrong", severity, isBad, "3 rows")], Token);
        await desk.SendDueAsync(Token);
    }

    private sealed class Box : INotifier
    {
        public List<IReadOnlyList<AlertMessage>> Batches { get; } = [];

        public IEnumerable<AlertMessage> Messages => Batches.SelectMany(b => b);

        public bool Refuses { get; set; }

        public int Attempts { get; private set; }

        public ValueTask SendAsync(IReadOnlyList<AlertMessage> messages, CancellationToken cancellationToken = default)
        {
            Attempts++;
            if (Refuses)
            {
                throw new QualityException(ErrorKind.Unavailable, "not now");
            }

            Batches.Add(messages);
            return ValueTask.CompletedTask;
        }
    }
}
