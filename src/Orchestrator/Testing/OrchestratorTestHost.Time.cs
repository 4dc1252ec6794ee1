using System.Text;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Testing;

/// <summary>Moving the clock.</summary>
public sealed partial class OrchestratorTestHost
{
    /// <summary>How long a wait for the end of runs lasts where a test does not say.</summary>
    private static readonly TimeSpan LimitDefault = TimeSpan.FromDays(366);

    /// <summary>Lets everything happen that needs no time.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task SettleAsync(CancellationToken cancellationToken = default)
    {
        do
        {
            await QuietAsync(cancellationToken).ConfigureAwait(false);
        }
        while (await _stage.ActAsync(_options.BodyLimit).ConfigureAwait(false));
    }

    /// <summary>Moves the clock, stopping at each instant at which something is due and letting it happen.</summary>
    /// <param name="by">How far; zero or more.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task AdvanceAsync(TimeSpan by, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        return AdvanceToAsync(Now + by, cancellationToken);
    }

    /// <summary>Moves the clock to an instant, stopping at each at which something is due.</summary>
    /// <param name="instant">An instant; one in the past changes nothing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task AdvanceToAsync(DateTimeOffset instant, CancellationToken cancellationToken = default)
    {
        await SettleAsync(cancellationToken).ConfigureAwait(false);
        while (Clock.FireNext(instant))
        {
            await SettleAsync(cancellationToken).ConfigureAwait(false);
        }

        Clock.MoveTo(instant);
    }

    /// <summary>Moves the clock to the next instant at which something is due, and lets it happen.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The instant; null when nothing will ever be due.</returns>
    /// <remarks>A wait of more than a day is looked at once a day, so such an instant may change nothing.</remarks>
    public async Task<DateTimeOffset?> AdvanceToNextAsync(CancellationToken cancellationToken = default)
    {
        await SettleAsync(cancellationToken).ConfigureAwait(false);
        if (Clock.NextTimer is not { } next)
        {
            return null;
        }

        await AdvanceToAsync(next, cancellationToken).ConfigureAwait(false);
        return next;
    }

    /// <summary>Moves the clock until no run is active.</summary>
    /// <param name="limit">How far at most; null for a year.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OrchestratorTestException">Runs are active by then; the message says what holds each task.</exception>
    public Task RunUntilIdleAsync(TimeSpan? limit = null, CancellationToken cancellationToken = default) => AdvanceUntilAsync(
        async () => (await Engine.LookQuietAsync(cancellationToken).ConfigureAwait(false)).Runs.Count == 0, limit, cancellationToken);

    /// <summary>Moves the clock until a condition holds.</summary>
    /// <param name="condition">Looked at after each instant at which something was due.</param>
    /// <param name="limit">How far at most; null for a year.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OrchestratorTestException">It does not hold by then; the message says what holds each task.</exception>
    public async Task AdvanceUntilAsync(Func<Task<bool>> condition, TimeSpan? limit = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var end = Now + (limit ?? LimitDefault);
        await SettleAsync(cancellationToken).ConfigureAwait(false);
        while (!await condition().ConfigureAwait(false))
        {
            if (!Clock.FireNext(end))
            {
                throw new OrchestratorTestException(await DescribeAsync(end, cancellationToken).ConfigureAwait(false));
            }

            await SettleAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Moves the clock until a run has ended.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="limit">How far at most; null for a year.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OrchestratorTestException">It has not ended by then; the message says what holds each task.</exception>
    public async Task<RunTable> EndAsync(long runId, TimeSpan? limit = null, CancellationToken cancellationToken = default)
    {
        await AdvanceUntilAsync(
            async () => (await TableAsync(runId, cancellationToken).ConfigureAwait(false)).Run.State.IsFinal(), limit, cancellationToken)
            .ConfigureAwait(false);
        return await TableAsync(runId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until the engine has nothing left to do at this instant.</summary>
    private async Task QuietAsync(CancellationToken cancellationToken)
    {
        // What a step decided acts after it was written, so two looks in a row must find nothing.
        for (var clean = 0; clean < 2;)
        {
            clean = (await Engine.LookQuietAsync(cancellationToken).ConfigureAwait(false)).IsQuiet ? clean + 1 : 0;
        }
    }

    private async Task<string> DescribeAsync(DateTimeOffset end, CancellationToken cancellationToken)
    {
        var text = new StringBuilder($"what the test waits for has not come by {end:u}; it is {Now:u} on the host's clock.");
        foreach (var runId in (await Engine.LookQuietAsync(cancellationToken).ConfigureAwait(false)).Runs.Take(10))
        {
            text.Append('\n').Append(await TableAsync(runId, cancellationToken).ConfigureAwait(false));
            foreach (var why in await Engine.ExplainAsync(runId, cancellationToken).ConfigureAwait(false))
            {
                text.Append($"\n  {why.TaskId} is {why.State}: {why.Text}");
            }
        }

        return text.ToString();
    }
}
