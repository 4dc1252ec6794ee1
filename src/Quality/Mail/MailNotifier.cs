using DataPlatform.Kernel;
using DataPlatform.Quality.Alerts;
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
        using var client = new SmtpClient();
        try
        {
            using var mail = Compose(messages);
            await client.ConnectAsync(options.Host, options.Port, options.UseTls ? SecureSocketOptions.Auto : SecureSocketOptions.None, cancellationToken).ConfigureAwait(false);
            if (options.User is { } user)
            {
                if (options.UseTls && !client.IsSecure)
                {
                    throw new QualityException(
                        ErrorKind.Unavailable, $"The mail server {options.Host}:{options.Port} offers no encryption, and a password is not sent without. Turn UseTls off for a server on this machine.");
                }

                await client.AuthenticateAsync(user, options.Password, cancellationToken).ConfigureAwait(false);
            }

            await client.SendAsync(mail, cancellationToken).ConfigureAwait(false);
            await client.DisconnectAsync(quit: true, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not QualityException && !cancellationToken.IsCancellationRequested)
        {
            // A server fails in as many kinds of exception as there are layers: sockets, TLS, the protocol, sign-in, time-outs. To a desk they are one.
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
