using System.Globalization;
using System.Text;
using System.Text.Json;

namespace DataPlatform.Quality.Alerts;

/// <summary>Posts messages in the form that Slack's incoming webhooks, and the many that copy them, take.</summary>
/// <param name="client">The client; stays the caller's.</param>
/// <param name="address">The webhook's address.</param>
public sealed class SlackNotifier(HttpClient client, Uri address) : INotifier
{
    private const int TextMax = 30_000;
    private const int PartMax = 1_000;

    /// <inheritdoc/>
    public ValueTask SendAsync(IReadOnlyList<AlertMessage> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var text = Text(messages);
        return PostedJson.SendAsync(client, address, JsonSerializer.SerializeToUtf8Bytes(new SlackText(text), AlertJson.Default.SlackText), [], cancellationToken);
    }

    // Slack cuts what is longer than 40,000 characters, or refuses it for ever; those that do not fit are counted.
    private static string Text(IReadOnlyList<AlertMessage> messages)
    {
        var text = new StringBuilder();
        for (var i = 0; i < messages.Count; i++)
        {
            var line = Line(messages[i]);
            if (text.Length + line.Length > TextMax)
            {
                return text.Append(CultureInfo.InvariantCulture, $"\nand {messages.Count - i} more").ToString();
            }

            text.Append(text.Length == 0 ? string.Empty : "\n").Append(line);
        }

        return text.ToString();
    }

    // Slack reads &, < and > as its own markup.
    private static string Line(AlertMessage message)
        => $"{(message.Kind == AlertMessageKind.Resolved ? ":white_check_mark:" : message.Severity == Severity.Critical ? ":rotating_light:" : ":warning:")} *{Escape(message.Title)}* {message.Kind.ToString().ToLowerInvariant()}: {Escape(message.Detail)}";

    private static string Beginning(string text) => text.Length <= PartMax ? text : text[..PartMax] + "...";

    private static string Escape(string text)
        => Beginning(text).Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}

/// <summary>The body of a Slack message.</summary>
internal sealed record SlackText(string Text);
