using System.Net.Sockets;
using DataPlatform.Kernel;
using DataPlatform.Quality.Alerts;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace DataPlatform.Quality.Mail;

/// <summary>Sends messages by SMTP, one connection per mail.</summary>
/// <remarks>Thread-safe. A mail's Message-Id comes from the first message's id, so a mail sent twice is the same mail to a reader.</remarks>
/// <param name="options">Server and addresses.</param>
public sealed class MailNotifier(MailOptions options) : INotifier
{
    /// <inheritdoc/>
    public async ValueTask SendAsync(IReadOnlyList<AlertMessage> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        using var mail = Compose(messages);
        using var client = new SmtpClient();
        try
        {
            await client.ConnectAsync(options.Host, options.Port, options.UseTls ? SecureSocketOptions.Auto : SecureSocketOptions.None, cancellationToken).ConfigureAwait(false);
            if (options.User is { } user)
            {
                await client.AuthenticateAsync(user, options.Password, cancellationToken).ConfigureAwait(false);
            }

            await client.SendAsync(mail, cancellationToken).ConfigureAwait(false);
            await client.DisconnectAsync(quit: true, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or IOException or ProtocolException or CommandException or AuthenticationException)
        {
            throw new QualityException(ErrorKind.Unavailable, $"The mail server {options.Host}:{options.Port} did not take an alert: {e.Message}", e);
        }
    }

    private MimeMessage Compose(IReadOnlyList<AlertMessage> messages)
    {
        var first = messages[0];
        var mail = new MimeMessage
        {
            Subject = messages.Count == 1 ? $"[{first.Severity}] {first.Kind}: {first.Title}" : $"{messages.Count} quality alerts",
            Body = new TextPart("plain") { Text = string.Join("\n\n", messages.Select(m => $"{m.Kind} ({m.Severity}): {m.Title}\n{m.Detail}\n{m.At:u}")) },
            Date = first.At,
            MessageId = $"{Uri.EscapeDataString(first.Id)}@{options.Domain}",
        };
        mail.From.Add(MailboxAddress.Parse(options.From));
        mail.To.AddRange(options.To.Select(MailboxAddress.Parse));
        return mail;
    }
}
