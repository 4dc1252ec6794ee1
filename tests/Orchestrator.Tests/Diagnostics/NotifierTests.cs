using System.Net;
using System.Text.Json;
using System.Threading.Channels;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Diagnostics;
using DataPlatform.Orchestrator.Mail;
using DataPlatform.Orchestrator.Testing;
using DataPlatform.Quality.Tests.Alerts;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Orchestrator.Tests.Diagnostics;

public sealed class NotifierTests
{
    private static readonly OrchestratorEvent Failed = new(
        OrchestratorEventKind.TaskFailed, new DateTimeOffset(2026, 1, 5, 12, 0, 0, TimeSpan.Zero), "mart", 7, "gate", Try: 2, Note: "<3 & down");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_missed_deadline_and_a_failure_arrive_by_mail_at_a_real_smtp_server()
    {
        foreach (var kind in new[] { OrchestratorEventKind.DeadlineMissed, OrchestratorEventKind.RunFailed })
        {
            await using var server = new SmtpInbox();
            var options = MailTo(server.Port) with { Kinds = [kind], RunLink = "https://console/dags/run/{run}" };
            await using var queue = new QueuedNotifier(new MailNotifier(options));
            var dag = new DagBuilder("mart").Deadline(TimeSpan.FromMinutes(30)).Notify(queue).Task("gate", (_, _) => throw new InvalidOperationException())
                .Build();
            await using var host = await OrchestratorTestHost.StartAsync(dag, cancellationToken: Token);
            host.Task("mart", "gate").Takes(TimeSpan.FromHours(1));
            await host.RunAsync("mart", cancellationToken: Token);

            var mail = await server.ReceivedAsync(Token);

            Assert.Contains($"Subject: [{kind}] mart, run 1", mail, StringComparison.Ordinal);
            Assert.Contains("To: data@example.org", mail, StringComparison.Ordinal);
            Assert.Contains("Message-Id: <mart.1.", mail, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("References: <mart.1@orchestrator.local>", mail, StringComparison.Ordinal);
            Assert.Contains("https://console/dags/run/1", mail, StringComparison.Ordinal);
            Assert.Equal(0, queue.Dropped);
        }
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_unavailable_and_other_events_are_not_sent()
    {
        await using var server = new SmtpInbox();
        var absent = new MailNotifier(MailTo(1));

        var error = await Assert.ThrowsAsync<OrchestratorException>(() => absent.NotifyAsync(Failed, Token));

        Assert.Equal(ErrorKind.Unavailable, error.Kind);
        Assert.Contains("127.0.0.1:1 did not take a mail", error.Message, StringComparison.Ordinal);
        await absent.NotifyAsync(Failed with { Kind = OrchestratorEventKind.TaskSucceeded }, Token);
    }

    [Fact]
    public async Task A_queue_tells_again_with_growing_waits_and_in_order()
    {
        var time = new WatchedTime(Failed.At);
        var inner = new Receiver(time, failures: 3);
        var options = new QueuedNotifierOptions { Backoff = Backoff.Exponential(TimeSpan.FromSeconds(10), jitter: JitterMode.None) };
        await using var queue = new QueuedNotifier(inner, options, time);
        await queue.NotifyAsync(Failed, Token);
        await queue.NotifyAsync(Failed with { RunId = 8 }, Token);

        foreach (var wait in new[] { 10, 20, 40 })
        {
            await time.TimerSetAsync();
            time.Advance(TimeSpan.FromSeconds(wait));
        }

        await inner.ToldAsync(2);
        Assert.Equal([0, 10, 30, 70, 70], inner.Tries.Select(at => (at - Failed.At).TotalSeconds));
        Assert.Equal([7, 8], inner.Told.Select(happening => happening.RunId));
        Assert.Equal(0, queue.Dropped);
    }

    [Fact]
    public async Task A_queue_is_bounded_gives_up_after_its_retries_and_at_once_where_it_makes_no_sense()
    {
        var time = new FakeTimeProvider(Failed.At);
        var held = new Receiver(time, failures: 0) { Gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) };
        await using (var queue = new QueuedNotifier(held, new QueuedNotifierOptions { LengthMax = 3 }, time))
        {
            await queue.NotifyAsync(Failed with { RunId = 0 }, Token);
            await held.TriedAsync();
            for (var i = 1; i <= 10; i++)
            {
                await queue.NotifyAsync(Failed with { RunId = i }, Token);
            }

            Assert.Equal((3, 7), (queue.Waiting, queue.Dropped));
            held.Gate.SetResult();
            await held.ToldAsync(4);
            Assert.Equal([0, 8, 9, 10], held.Told.Select(happening => happening.RunId));
        }

        foreach (var (kind, retries, tries) in new[] { (ErrorKind.Invalid, 5, 1), (ErrorKind.Unavailable, 0, 1) })
        {
            var never = new Receiver(time, failures: int.MaxValue) { Kind = kind };
            await using var queue = new QueuedNotifier(never, new QueuedNotifierOptions { RetriesMax = retries }, time);
            await queue.NotifyAsync(Failed, Token);
            await EngineHarness.UntilAsync(() => Task.FromResult(queue.Dropped == 1 ? "dropped" : null));
            Assert.Equal(tries, never.Tries.Count);
        }
    }

    [Fact]
    public async Task Slack_gets_one_text_with_its_own_markup_escaped()
    {
        var posted = new Poster(HttpStatusCode.OK);
        using var client = new HttpClient(posted);
        var slack = new SlackNotifier(client, new Uri("https://hooks.example/x"), runLink: "https://console/run/{run}");

        await slack.NotifyAsync(Failed, Token);
        await slack.NotifyAsync(Failed with { Kind = OrchestratorEventKind.TaskSkipped }, Token);

        Assert.Equal(
            ":rotating_light: *mart/gate* TaskFailed, <https://console/run/7|run 7>: &lt;3 &amp; down",
            JsonDocument.Parse(Assert.Single(posted.Bodies)).RootElement.GetProperty("text").GetString());
        using var refusing = new HttpClient(new Poster(HttpStatusCode.NotFound));
        using var busy = new HttpClient(new Poster(HttpStatusCode.TooManyRequests));
        Assert.Equal(ErrorKind.Invalid, (await Assert.ThrowsAsync<OrchestratorException>(() => Of(refusing).NotifyAsync(Failed, Token))).Kind);
        Assert.Equal(ErrorKind.Unavailable, (await Assert.ThrowsAsync<OrchestratorException>(() => Of(busy).NotifyAsync(Failed, Token))).Kind);

        static SlackNotifier Of(HttpClient client) => new(client, new Uri("https://hooks.example/x"));
    }

    private static MailOptions MailTo(int port) =>
        new() { Host = "127.0.0.1", Port = port, UseTls = false, From = "dags@example.org", To = ["data@example.org"] };

    private sealed class Receiver(FakeTimeProvider time, int failures) : INotifier
    {
        private readonly Channel<bool> _tried = Channel.CreateUnbounded<bool>();
        private readonly Lock _gate = new();
        private readonly List<DateTimeOffset> _tries = [];
        private readonly List<OrchestratorEvent> _told = [];

        public ErrorKind Kind { get; init; } = ErrorKind.Unavailable;

        public TaskCompletionSource? Gate { get; init; }

        public IReadOnlyList<DateTimeOffset> Tries
        {
            get
            {
                lock (_gate)
                {
                    return [.. _tries];
                }
            }
        }

        public IReadOnlyList<OrchestratorEvent> Told
        {
            get
            {
                lock (_gate)
                {
                    return [.. _told];
                }
            }
        }

        public async Task TriedAsync() => await _tried.Reader.ReadAsync(Token);

        public async Task ToldAsync(int count) => await EngineHarness.UntilAsync(() => Task.FromResult(Told.Count == count ? "told" : null));

        public async Task NotifyAsync(OrchestratorEvent happening, CancellationToken cancellationToken)
        {
            lock (_gate)
            {
                _tries.Add(time.GetUtcNow());
            }

            _tried.Writer.TryWrite(true);
            await (Gate?.Task ?? Task.CompletedTask);
            if (Tries.Count <= failures)
            {
                throw new OrchestratorException(Kind, "not now");
            }

            lock (_gate)
            {
                _told.Add(happening);
            }
        }
    }

    /// <summary>Tells when somebody begins to wait for it.</summary>
    private sealed class WatchedTime(DateTimeOffset start) : FakeTimeProvider(start)
    {
        private readonly Channel<bool> _set = Channel.CreateUnbounded<bool>();

        public async Task TimerSetAsync() => await _set.Reader.ReadAsync(Token);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            _set.Writer.TryWrite(true);
            return timer;
        }
    }

    private sealed class Poster(HttpStatusCode status) : HttpMessageHandler
    {
        public List<string> Bodies { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Bodies.Add(await request.Content!.ReadAsStringAsync(cancellationToken));
            return new HttpResponseMessage(status);
        }
    }
}
