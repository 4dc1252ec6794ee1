using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Execution;

/// <summary>Runs a body with its time limit and turns what it does into an outcome.</summary>
internal static class BodyRunner
{
    /// <summary>What timers count to at most, in whole days.</summary>
    public static readonly TimeSpan TimerMax = TimeSpan.FromDays(49);

    public static async Task<TaskOutcome> RunAsync(
        TaskInvocation invocation, TimeProvider time, Func<CancellationToken, Task<TaskOutcome>>? instead,
            CancellationToken cancellationToken)
    {
        var outcome = await EndAsync(invocation, time, instead, cancellationToken).ConfigureAwait(false);
        var lineage = invocation.Context.Lineage;
        if (lineage.IsCut)
        {
            invocation.Context.Log("not all of what it read and wrote is told as lineage: it was more than a try may tell");
        }

        // What another process told of the body comes with its outcome.
        return lineage.Report() is { IsEmpty: false } told ? outcome with { Lineage = told } : outcome;
    }

    private static async Task<TaskOutcome> EndAsync(
        TaskInvocation invocation, TimeProvider time, Func<CancellationToken, Task<TaskOutcome>>? instead,
            CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timeout = Arm(stop, invocation.Task.Timeout, time);
        var body = Task.Run(() => InvokeAsync(invocation, time, instead, stop.Token), CancellationToken.None);
        if (await EndsInTimeAsync(body, invocation.CancellationGrace, time, stop.Token).ConfigureAwait(false))
        {
            var outcome = await body.ConfigureAwait(false);
            return outcome.Kind == TaskOutcomeKind.Cancelled ? Stopped(invocation, outcome.Note, cancellationToken) : outcome;
        }

        return Stopped(
            invocation, $"it ignored its cancellation for {invocation.CancellationGrace} and was given up", cancellationToken);
    }

    /// <summary>A limit that no timer can count to is none.</summary>
    private static ITimer? Arm(CancellationTokenSource stop, TimeSpan? timeout, TimeProvider time) => timeout is { } limit && limit <= TimerMax
        ? time.CreateTimer(static state => Cancel((CancellationTokenSource)state!), stop, limit, Timeout.InfiniteTimeSpan)
        : null;

    private static void Cancel(CancellationTokenSource stop)
    {
        try
        {
            stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The body ended while its timer fired.
        }
    }

    /// <summary>True when the body ended by itself or within the grace after its token was set.</summary>
    private static async Task<bool> EndsInTimeAsync(Task body, TimeSpan grace, TimeProvider time, CancellationToken stop)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var registration = stop.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), stopped);
        await using (registration.ConfigureAwait(false))
        {
            if (await Task.WhenAny(body, stopped.Task).ConfigureAwait(false) == body)
            {
                return true;
            }
        }

        using var waiting = new CancellationTokenSource();
        var delay = Task.Delay(grace, time, waiting.Token);
        var first = await Task.WhenAny(body, delay).ConfigureAwait(false);
        await waiting.CancelAsync().ConfigureAwait(false);
        return first == body;
    }

    private static TaskOutcome Stopped(TaskInvocation invocation, string? note, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return new TaskOutcome(TaskOutcomeKind.Cancelled, note ?? "cancelled");
        }

        var took = $"it took longer than its time limit of {invocation.Task.Timeout}";
        return TaskOutcome.Failed(note is null ? took : $"{took}; {note}");
    }

    public static async Task<TaskOutcome> InvokeAsync(
        TaskInvocation invocation, TimeProvider time, Func<CancellationToken, Task<TaskOutcome>>? instead,
            CancellationToken cancellationToken)
    {
        using var entered = invocation.Context.Lineage.Enter();
        try
        {
            await invocation.Context.FetchAsync(invocation.Task.Inputs, cancellationToken).ConfigureAwait(false);
            return instead is null
                ? await DispatchAsync(invocation, time, cancellationToken).ConfigureAwait(false)
                : await instead(cancellationToken).ConfigureAwait(false);
        }
        catch (TaskSkippedException exception)
        {
            return new TaskOutcome(TaskOutcomeKind.Skipped, exception.Message);
        }
        catch (TaskFailedException exception)
        {
            return TaskOutcome.Failed(exception.Message, exception.MayRetry);
        }
        catch (XComException exception)
        {
            return TaskOutcome.Failed(exception.Message, mayRetry: false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new TaskOutcome(TaskOutcomeKind.Cancelled);
        }
#pragma warning disable CA1031 // Whatever a user's body throws is the outcome of its try, kept in full in the note.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return TaskOutcome.Failed(exception.ToString());
        }
    }

    private static async Task<TaskOutcome> DispatchAsync(TaskInvocation invocation, TimeProvider time, CancellationToken cancellationToken)
    {
        var context = invocation.Context;
        switch (invocation.Task.Body)
        {
            case CodeBody code:
                var result = await code.Run(context, cancellationToken).ConfigureAwait(false);
                return await SucceedAsync(context, result, cancellationToken).ConfigureAwait(false);
            case BranchBody branch:
                var chosen = await branch.Choose(context, cancellationToken).ConfigureAwait(false);
                return await DecideAsync(context, chosen ?? [], isTransitive: false, invocation, cancellationToken).ConfigureAwait(false);
            case ShortCircuitBody check:
                var goesOn = await check.Check(context, cancellationToken).ConfigureAwait(false);
                return goesOn
                    ? await SucceedAsync(context, true, cancellationToken).ConfigureAwait(false)
                    : await DecideAsync(context, [], check.IgnoresRules, invocation, cancellationToken).ConfigureAwait(false);
            case SensorBody sensor:
                return await SensorRunner.RunAsync(sensor, context, time, cancellationToken).ConfigureAwait(false);
            case SqlBody sql:
                var rows = await sql.Connections.RunAsync(sql, context, cancellationToken).ConfigureAwait(false);
                return await SucceedAsync(context, rows, cancellationToken).ConfigureAwait(false);
            case CommandBody:
                return TaskOutcome.Failed($"task '{context.TaskId}' is a command: choose an executor that runs programs.", mayRetry: false);
            default:
                return TaskOutcome.Failed(
                    $"this process has no code for task '{context.TaskId}' of DAG version {invocation.Run.DagHash[..12]}: " +
                    "register that version or clear the run.",
                    mayRetry: false);
        }
    }

    private static async Task<TaskOutcome> DecideAsync(
        TaskContext context, IReadOnlyList<string> chosen, bool isTransitive, TaskInvocation invocation,
            CancellationToken cancellationToken)
    {
        foreach (var id in chosen)
        {
            if (!invocation.DirectDownstream.Contains(id, StringComparer.Ordinal))
            {
                return TaskOutcome.Failed($"branch '{context.TaskId}' chose '{id}', which does not come directly after it.",
                    mayRetry: false);
            }
        }

        var decision = new SkipDecision(chosen, isTransitive).ToJson();
        var outcome = await SucceedAsync(context, chosen, cancellationToken).ConfigureAwait(false);
        return outcome with { XComs = new Dictionary<string, string>(outcome.XComs) { [SkipDecision.Key] = decision } };
    }

    private static async Task<TaskOutcome> SucceedAsync(TaskContext context, object? result, CancellationToken cancellationToken)
    {
        if (result is not null)
        {
            context.Push(TaskContext.ReturnKey, result);
        }

        return TaskOutcome.Success with { XComs = await context.TakePushedAsync(cancellationToken).ConfigureAwait(false) };
    }
}
