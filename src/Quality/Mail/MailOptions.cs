namespace DataPlatform.Quality.Mail;

/// <summary>Server and addresses of a <see cref="MailNotifier"/>.</summary>
public sealed record MailOptions
{
    /// <summary>The server's host name.</summary>
    public required string Host { get; init; }

    /// <summary>Its port; 587, mail submission, unless said otherwise.</summary>
    public int Port { get; init; } = 587;

    /// <summary>Whether the connection is encrypted where the server offers it, and nobody signs in where it does not. Off only for a server on this machine.</summary>
    public bool UseTls { get; init; } = true;

    /// <summary>The user; null to send without signing in.</summary>
    public string? User { get; init; }

    /// <summary>The user's password.</summary>
    public string Password { get; init; } = string.Empty;

    /// <summary>The sender's address.</summary>
    public required string From { get; init; }

    /// <summary>The receivers' addresses.</summary>
    public required IReadOnlyList<string> To { get; init; }

    /// <summary>The domain in message ids; <c>quality.local</c> unless said otherwise.</summary>
    public string Domain { get; init; } = "quality.local";
}
