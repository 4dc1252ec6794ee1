namespace DataPlatform.Orchestrator.Dags.TaskFlow;

/// <summary>Makes the body that the attribute of a method asks for.</summary>
internal static class TaskMethodBody
{
    public static TaskBody? Of(TaskMethod task, MethodCall call, Func<string, string> idOf, out string? why)
    {
        why = null;
        var result = task.Result.Type;
        switch (task.Settings)
        {
            case BranchAttribute when result == typeof(string) || typeof(IEnumerable<string>).IsAssignableFrom(result):
                return new BranchBody(async (context, token) =>
                    [.. Names(await call.InvokeAsync(context, token).ConfigureAwait(false)).Select(idOf)]);
            case BranchAttribute:
                why = $"it is a branch, so it returns the names of tasks, not {TypeMatch.Name(result)}.";
                return null;
            case ShortCircuitAttribute or SensorAttribute when result != typeof(bool):
                why = $"it returns whether to go on, so a bool, not {TypeMatch.Name(result)}.";
                return null;
            case ShortCircuitAttribute check:
                return new ShortCircuitBody(async (context, token) =>
                    (bool)(await call.InvokeAsync(context, token).ConfigureAwait(false))!, check.IgnoresRules);
            case SensorAttribute sensor:
                return SensorOf(sensor, call, out why);
            default:
                return new CodeBody(call.InvokeAsync);
        }
    }

    private static SensorBody? SensorOf(SensorAttribute sensor, MethodCall call, out string? why)
    {
        why = null;
        TimeSpan? patience = null;
        if (!DurationText.TryParse(sensor.Interval, out var interval) || interval <= TimeSpan.Zero)
        {
            why = $"it looks every '{sensor.Interval}', which is no duration such as 1m.";
            return null;
        }

        if (sensor.Patience is { } text)
        {
            if (!DurationText.TryParse(text, out var limit))
            {
                why = $"it waits '{text}', which is no duration such as 6h.";
                return null;
            }

            patience = limit;
        }

        return new SensorBody(
            async (context, token) => (bool)(await call.InvokeAsync(context, token).ConfigureAwait(false))!,
            new SensorOptions(interval, patience, sensor.Mode, sensor.SkipsOnTimeout));
    }

    /// <summary>Choices are told by any of the names of a task. A branch that returns null chooses none.</summary>
    private static IEnumerable<string> Names(object? chosen) => chosen switch
    {
        null => [],
        string one => [one],
        var many => (IEnumerable<string>)many,
    };
}
