using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DataPlatform.Quality.Tests.Alerts;

/// <summary>A mail server on this machine that takes one mail by the SMTP dialogue of RFC 5321.</summary>
internal sealed class SmtpInbox : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task<string> _mail;

    public SmtpInbox()
    {
        _listener.Start();
        _mail = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public Task<string> ReceivedAsync(CancellationToken cancellationToken) => _mail.WaitAsync(TimeSpan.FromSeconds(60), cancellationToken);

    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<string> ServeAsync()
    {
        using var client = await _listener.AcceptTcpClientAsync();
        using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.ASCII);
        await using var writer = new StreamWriter(stream, Encoding.ASCII) { NewLine = "\r\n", AutoFlush = true };
        await writer.WriteLineAsync("220 inbox");
        var mail = new StringBuilder();
        while (await reader.ReadLineAsync() is { } line)
        {
            var command = line.Split(' ')[0].ToUpperInvariant();
            if (command == "DATA")
            {
                await writer.WriteLineAsync("354 go on");
                while (await reader.ReadLineAsync() is { } text && text != ".")
                {
                    mail.AppendLine(text);
                }
            }

            await writer.WriteLineAsync(command switch { "QUIT" => "221 bye", "EHLO" or "HELO" => "250 inbox", _ => "250 ok" });
            if (command == "QUIT")
            {
                break;
            }
        }

        return mail.ToString();
    }
}
