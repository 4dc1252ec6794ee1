using System.Globalization;
using System.Net.Sockets;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Diagnostics;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace DataPlatform.Orchestrator.Mail;

/// <summary>Sends each event as a mail by SMTP, one connection per mail. Put it behind a <see cref="QueuedNotifier"/> for retries.</summary>
/// <remarks>Thread-safe. A mail's Message-Id is made of the event, so a mail sent twice is the same mail to a reader; mails of a run refer to one
/// another, so that they stand in one thread.</remarks>
/// <param name="options">Server and addresses.</param>
public sealed class MailNotifier(MailOptions options) : INotifier
{
    /// <inheritdoc/>
    /// <exception cref="OrchestratorException">The server did not take the mail: Unavailable where it may later, Invalid where it never will.</exception>
    public async Task NotifyAsync(OrchestratorEvent happening, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(happening);
        if (!options.Kinds.Contains(happening.Kind))
        {
            return;
        }

        using var mail = Compose(happening);
        using var client = new SmtpClient();
        try
        {
            var security = options.UseTls ? options.Port == 465 ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.StartTls : SecureSocketOptions.None;
            await client.ConnectAsync(options.Host, options.Port, security, cancellationToken).ConfigureAwait(false);
            if (options.User is { } user)
            {
                await client.AuthenticateAsync(user, options.Password, cancellationToken).ConfigureAwait(false);
            }

            await client.SendAsync(mail, cancellationToken).ConfigureAwait(false);
            await client.DisconnectAsync(quit: true, cancellationToken).ConfigureAwait(false);
        }
        catch (SmtpCommandException exception) when ((int)exception.StatusCode >= 500)
        {
            throw Refused(ErrorKind.Invalid, exception);
        }
        catch (AuthenticationException exception)
        {
            throw Refused(ErrorKind.Invalid, exception);
        }
        catch (Exception exception) when (exception is SocketException or IOException or ProtocolException or CommandException or NotSupportedException)
        {
            throw Refused(ErrorKind.Unavailable, exception);
        }
    }

    private OrchestratorException Refused(ErrorKind kind, Exception exception) =>
        new(kind, $"the mail server {options.Host}:{options.Port} did not take a mail: {exception.Message}", exception);

    private MimeMessage Compose(OrchestratorEvent happening)
    {
        var what = happening.TaskId is { } task ? $"{happening.DagId}/{task}" : happening.DagId;
        var run = string.Create(CultureInfo.InvariantCulture, $"{happening.RunId}");
        var mail = new MimeMessage
        {
            Subject = happening.RunId == 0 ? $"[{happening.Kind}] {what}" : $"[{happening.Kind}] {what}, run {run}",
            Body = new TextPart("plain") { Text = Text(happening, run) },
            Date = happening.At,
            MessageId = string.Create(
                CultureInfo.InvariantCulture,
                $"{Uri.EscapeDataString(what)}.{run}.{happening.MapIndex}.{happening.Try}.{happening.Kind}.{happening.At.UtcTicks}@{options.Domain}"),
        };
        mail.References.Add($"{Uri.EscapeDataString(happening.DagId)}.{run}@{options.Domain}");
        mail.From.Add(MailboxAddress.Parse(options.From));
        mail.To.AddRange(options.To.Select(MailboxAddress.Parse));
        return mail;
    }

    private string Text(OrchestratorEvent happening, string run)
    {
        var link = options.RunLink is { } template && happening.RunId != 0 ? $"\n{template.Replace("{run}", run, StringComparison.Ordinal)}" : string.Empty;
        return $"{happening}\n{happening.At:u}{link}\n";
    }
}
