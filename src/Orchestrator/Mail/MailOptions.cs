using DataPlatform.Orchestrator.Diagnostics;

namespace DataPlatform.Orchestrator.Mail;

/// <summary>Server and addresses of a <see cref="MailNotifier"/>.</summary>
public sealed record MailOptions
{
    /// <summary>The server's host name.</summary>
    public required string Host { get; init; }

    /// <summary>Its port; 587, mail submission, unless said otherwise.</summary>
    public int Port { get; init; } = 587;

    /// <summary>Whether the connection is encrypted; a server that does not offer it is refused. Off only for a server on this machine.</summary>
    public bool UseTls { get; init; } = true;

    /// <summary>The user; null to send without signing in.</summary>
    public string? User { get; init; }

    /// <summary>The user's password.</summary>
    public string Password { get; init; } = string.Empty;

    /// <summary>The sender's address.</summary>
    public required string From { get; init; }

    /// <summary>The receivers' addresses.</summary>
    public required IReadOnlyList<string> To { get; init; }

    /// <summary>The domain in message ids; <c>orchestrator.local</c> unless said otherwise.</summary>
    public string Domain { get; init; } = "orchestrator.local";

    /// <summary>Where a run's page is, with <c>{run}</c> for its number; null for no link.</summary>
    public string? RunLink { get; init; }

    /// <summary>Which events; failures, cancellations and missed deadlines by default.</summary>
    public IReadOnlyCollection<OrchestratorEventKind> Kinds { get; init; } = OrchestratorEvent.Alerts;
}
