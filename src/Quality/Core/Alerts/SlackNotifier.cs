using System.Text.Json;

namespace DataPlatform.Quality.Alerts;

/// <summary>Posts messages in the form that Slack's incoming webhooks, and the many that copy them, take.</summary>
/// <param name="client">The client; stays the caller's.</param>
/// <param name="address">The webhook's address.</param>
public sealed class SlackNotifier(HttpClient client, Uri address) : INotifier
{
    /// <inheritdoc/>
    public ValueTask SendAsync(IReadOnlyList<AlertMessage> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var text = string.Join('\n', messages.Select(Line));
        return PostedJson.SendAsync(client, address, JsonSerializer.SerializeToUtf8Bytes(new SlackText(text), AlertJson.Default.SlackText), [], cancellationToken);
    }

    // Slack reads &, < and > as its own markup.
    private static string Line(AlertMessage message)
        => $"{(message.Kind == AlertMessageKind.Resolved ? ":white_check_mark:" : message.Severity == Severity.Critical ? ":rotating_light:" : ":warning:")} *{Escape(message.Title)}* {message.Kind.ToString().ToLowerInvariant()}: {Escape(message.Detail)}";

    private static string Escape(string text)
        => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}

/// <summary>The body of a Slack message.</summary>
internal sealed record SlackText(string Text);
