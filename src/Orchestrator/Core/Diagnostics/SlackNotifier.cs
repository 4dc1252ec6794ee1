using System.Net;
using System.Net.Http.Json;
using DataPlatform.Kernel;

namespace DataPlatform.Orchestrator.Diagnostics;

/// <summary>Posts events in the form that Slack's incoming webhooks, and the many that copy them, take: one text, with Slack's markup.</summary>
/// <remarks>Thread-safe. Put it behind a <see cref="QueuedNotifier"/> for retries.</remarks>
/// <param name="client">Sends the requests; its time limit holds. It stays the caller's.</param>
/// <param name="address">The webhook's address.</param>
/// <param name="kinds">Which events; null for <see cref="OrchestratorEvent.Alerts"/>.</param>
/// <param name="runLink">Where a run's page is, with <c>{run}</c> for its number; null for no link.</param>
public sealed class SlackNotifier(
    HttpClient client, Uri address, IReadOnlyCollection<OrchestratorEventKind>? kinds = null, string? runLink = null) : INotifier
{
    private readonly IReadOnlyCollection<OrchestratorEventKind> _kinds = kinds ?? OrchestratorEvent.Alerts;

    /// <inheritdoc/>
    /// <exception cref="OrchestratorException">The receiver refused: Unavailable where it may take the event later, Invalid where it never
    /// will.</exception>
    public async Task NotifyAsync(OrchestratorEvent happening, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(happening);
        if (!_kinds.Contains(happening.Kind))
        {
            return;
        }

        using var response = await client.PostAsJsonAsync(address, new { text = Text(happening) }, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            var mayLater = response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError;
            throw new OrchestratorException(
                mayLater ? ErrorKind.Unavailable : ErrorKind.Invalid, $"{address.Host} answered {(int)response.StatusCode} to an event.");
        }
    }

    private string Text(OrchestratorEvent happening)
    {
        var sign = happening.Kind switch
        {
            OrchestratorEventKind.RunSucceeded or OrchestratorEventKind.TaskSucceeded => ":white_check_mark:",
            OrchestratorEventKind.RunFailed or OrchestratorEventKind.TaskFailed => ":rotating_light:",
            OrchestratorEventKind.DeadlineMissed => ":alarm_clock:",
            _ => ":warning:",
        };
        var what = happening.TaskId is { } task ? $"{happening.DagId}/{task}" : happening.DagId;
        var run = happening.RunId == 0 ? "no run" : runLink is null ? $"run {happening.RunId}" : $"<{runLink.Replace("{run}", $"{happening.RunId}", StringComparison.Ordinal)}|run {happening.RunId}>";
        return $"{sign} *{Escape(what)}* {happening.Kind}, {run}{(happening.Note is { } note ? ": " + Escape(note) : string.Empty)}";
    }

    // Slack reads &, < and > as its own markup.
    private static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}
