using DataPlatform.Orchestrator.Dags;

namespace DataPlatform.Orchestrator.Execution;

/// <summary>Looks, waits, looks again, or asks to be called later.</summary>
internal static class SensorRunner
{
    public static async Task<TaskOutcome> RunAsync(SensorBody sensor, TaskContext context, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var options = sensor.Options;
        var began = context.FirstStartedAt ?? time.GetUtcNow();
        while (true)
        {
            if (await sensor.Poke(context, cancellationToken).ConfigureAwait(false))
            {
                return TaskOutcome.Success with { XComs = await context.TakePushedAsync(cancellationToken).ConfigureAwait(false) };
            }

            var waited = time.GetUtcNow() - began;
            if (options.Timeout is { } limit && waited >= limit)
            {
                var note = $"what it waits for did not come within {limit}";
                return options.SkipsOnTimeout ? new TaskOutcome(TaskOutcomeKind.Skipped, note) : TaskOutcome.Failed(note, mayRetry: false);
            }

            // The last look is at the limit itself, not an interval past it.
            var pause = options.Timeout is { } timeout && timeout - waited < options.Interval ? timeout - waited : options.Interval;
            if (options.Mode == SensorMode.Reschedule)
            {
                return new TaskOutcome(TaskOutcomeKind.Rescheduled) { WakeAfter = pause };
            }

            await Task.Delay(pause < BodyRunner.TimerMax ? pause : BodyRunner.TimerMax, time, cancellationToken).ConfigureAwait(false);
        }
    }
}
