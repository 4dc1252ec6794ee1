using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using DataPlatform.Kernel;
using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.Mail;
using Microsoft.Extensions.Time.Testing;

namespace DataPlatform.Quality.Tests.Alerts;

/// <summary>Mail servers fail in many ways; to the desk they are one, and no way keeps other channels waiting.</summary>
public sealed class MailFailureTests
{
    private static readonly AlertMessage Message = new(
        "orders/1#1", "orders/1", AlertMessageKind.Opened, "orders: amount\r\nBcc: all@example.org", Severity.Critical, "5 rows", default, default, Channel: "mail");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("250-server\r\n250 STARTTLS", null, "did not take an alert")]
    [InlineData("250 server", "robot", "offers no encryption")]
    [InlineData("550 go away", null, "did not take an alert")]
    [InlineData("this is no mail server", null, "did not take an alert")]
    public async Task A_server_that_fails_in_any_way_has_not_taken_the_alert(string hello, string? user, string says)
    {
        using var server = new Server(hello);
        var mail = new MailNotifier(new MailOptions { Host = "127.0.0.1", Port = server.Port, From = "dq@example.org", To = ["team@example.org"], User = user, Password = "secret" });

        var error = await Assert.ThrowsAsync<QualityException>(async () => await mail.SendAsync([Message], Token));

        Assert.Equal(ErrorKind.Unavailable, error.Kind);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Heard, line => line.StartsWith("AUTH", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task An_address_that_is_none_is_said_and_nothing_is_sent()
    {
        var mail = new MailNotifier(new MailOptions { Host = "127.0.0.1", Port = 1, UseTls = false, From = "dq@example.org", To = ["no address at all <"] });

        Assert.Equal(ErrorKind.Unavailable, (await Assert.ThrowsAsync<QualityException>(async () => await mail.SendAsync([Message], Token))).Kind);
    }

    [Fact]
    public async Task A_title_of_two_lines_adds_no_header()
    {
        await using var inbox = new SmtpInbox();
        var mail = new MailNotifier(new MailOptions { Host = "127.0.0.1", Port = inbox.Port, UseTls = false, From = "dq@example.org", To = ["team@example.org"] });

        await mail.SendAsync([Message], Token);

        Assert.DoesNotContain((await inbox.ReceivedAsync(Token)).Split('\n').TakeWhile(line => line.Trim().Length > 0), line => line.StartsWith("Bcc:", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Slack_gets_no_more_than_it_takes_and_is_told_how_many_are_left_out()
    {
        using var handler = new Inbox();
        using var client = new HttpClient(handler);
        var slack = new SlackNotifier(client, new Uri("https://chat.example.org/hook"));

        await slack.SendAsync([.. Enumerable.Range(0, 500).Select(i => Message with { Id = $"{i}", Title = $"<{i}>", Detail = new string('&', 5_000) })], Token);

        var text = JsonDocument.Parse(handler.Body!).RootElement.GetProperty("text").GetString()!;
        Assert.InRange(text.Length, 1_000, 40_000);
        Assert.Equal(500, text.Split('\n').Length - 1 + int.Parse(text.Split("and ")[^1].Split(' ')[0], CultureInfo.InvariantCulture));
        Assert.StartsWith(":rotating_light: *&lt;0&gt;*", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_notifier_that_fails_as_it_must_not_keeps_no_other_channel_waiting()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2001, 1, 1, 12, 0, 0, TimeSpan.Zero));
        List<string> heard = [];
        var bad = new Notifier(_ => throw new InvalidOperationException("a slip of its author"));
        using var desk = new AlertDesk(
            new InMemoryAlertStore(), [new AlertChannel("bad", bad), new AlertChannel("good", new Notifier(m => heard.AddRange(m.Select(x => x.Key))))], time: time);
        await desk.ObserveAsync([new AlertSignal("orders/1", "orders", Severity.Critical, true, "5 rows")], Token);

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await desk.SendDueAsync(Token));

        Assert.Equal(["orders/1"], heard);
    }

    private sealed class Inbox : HttpMessageHandler
    {
        public string? Body { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Body = await request.Content!.ReadAsStringAsync(cancellationToken);
            return new HttpResponseMessage(HttpStatusCode.OK);
        }
    }

    private sealed class Notifier(Action<IReadOnlyList<AlertMessage>> send) : INotifier
    {
        public ValueTask SendAsync(IReadOnlyList<AlertMessage> messages, CancellationToken cancellationToken = default)
        {
            send(messages);
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>A server that answers a greeting in its own way and everything else with "220 ok", which no client can take for TLS.</summary>
    private sealed class Server : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public Server(string hello)
        {
            _listener.Start();
            _ = ServeAsync(hello);
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public List<string> Heard { get; } = [];

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync(string hello)
        {
            using var client = await _listener.AcceptTcpClientAsync();
            using var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.Latin1);
            await using var writer = new StreamWriter(stream, Encoding.Latin1) { NewLine = "\r\n", AutoFlush = true };
            await writer.WriteLineAsync("220 server");
            while (await reader.ReadLineAsync() is { } line)
            {
                Heard.Add(line);
                await writer.WriteLineAsync(line.StartsWith("EHLO", StringComparison.Ordinal) || line.StartsWith("HELO", StringComparison.Ordinal) ? hello : "220 ok");
                if (line.StartsWith("STARTTLS", StringComparison.Ordinal))
                {
                    await writer.WriteLineAsync("this is no handshake");
                    return;
                }
            }
        }
    }
}
