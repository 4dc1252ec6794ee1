using System.Net.Http.Json;
using System.Text.Json;

namespace DataPlatform.Orchestrator.Diagnostics;

/// <summary>Posts events to a URL as JSON: the event's fields, and <c>text</c> with a sentence, which is what Slack-style receivers
/// show.</summary>
public sealed class WebhookNotifier : INotifier
{
    private readonly HttpClient _client;
    private readonly Uri _address;
    private readonly HashSet<OrchestratorEventKind> _kinds;

    /// <summary>Makes a notifier.</summary>
    /// <param name="client">Sends the requests; its time limit holds.</param>
    /// <param name="address">Where to post.</param>
    /// <param name="kinds">Which events; none for failures, cancellations and missed deadlines.</param>
    public WebhookNotifier(HttpClient client, Uri address, params ReadOnlySpan<OrchestratorEventKind> kinds)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(address);
        _client = client;
        _address = address;
        _kinds = kinds.Length > 0 ? [.. kinds] : [.. OrchestratorEvent.Alerts];
    }

    /// <inheritdoc/>
    public async Task NotifyAsync(OrchestratorEvent happening, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(happening);
        if (!_kinds.Contains(happening.Kind))
        {
            return;
        }

        var body = new
        {
            text = happening.ToString(),
            kind = happening.Kind.ToString(),
            at = happening.At,
            dag = happening.DagId,
            run = happening.RunId,
            task = happening.TaskId,
            mapIndex = happening.MapIndex,
            @try = happening.Try,
            note = happening.Note,
        };
        using var response = await _client.PostAsJsonAsync(_address, body, JsonSerializerOptions.Web, cancellationToken).ConfigureAwait(
            false);
        response.EnsureSuccessStatusCode();
    }
}
