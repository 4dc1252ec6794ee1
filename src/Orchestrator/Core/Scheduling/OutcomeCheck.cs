using System.Text;
using System.Text.Json;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Scheduling;

/// <summary>What an executor answers, made sound before the loop acts on it: executors are outside code too.</summary>
internal static class OutcomeCheck
{
    /// <summary>The outcome itself, or a failure that says what is wrong with it.</summary>
    public static TaskOutcome Sound(IExecutor executor, TaskOutcome? outcome)
    {
        if (executor is IReturnsAtOnce)
        {
            // This project's own, whose values were checked where they were made.
            return outcome!;
        }

        if (outcome is null || !Enum.IsDefined(outcome.Kind))
        {
            return TaskOutcome.Infrastructure($"executor '{executor.Name}' gave no outcome that there is.");
        }

        if (outcome.WakeAfter < TimeSpan.Zero)
        {
            return TaskOutcome.Failed($"executor '{executor.Name}' asked to look again after {outcome.WakeAfter}, which has passed.");
        }

        var wrong = outcome.XComs is null ? "none" : outcome.XComs.Where(value => !IsSound(value.Key, value.Value)).Select(value => value.Key).FirstOrDefault();
        return wrong is null ? outcome : TaskOutcome.Failed($"executor '{executor.Name}' gave the value '{wrong}', which cannot be read.", mayRetry: false);
    }

    private static bool IsSound(string name, string? json)
    {
        if (json is null || !IsJson(json))
        {
            return false;
        }

        try
        {
            XComReference.Parse(json);
            return name != SkipDecision.Key || SkipDecision.Parse(json) is not null;
        }
        catch (XComException)
        {
            return false;
        }
    }

    private static bool IsJson(string json)
    {
        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
            while (reader.Read())
            {
                reader.TrySkip();
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
