using System.Globalization;
using System.Text.Json;
using DataPlatform.Kernel;
using Quartz;

namespace DataPlatform.Orchestrator.Quartz;

/// <summary>A Quartz job that starts a run of a DAG, so that a Quartz cluster can drive DAGs.</summary>
/// <remarks>
/// The run's logical date is the scheduled fire time, not when Quartz came to it, and its idempotency key is the trigger's key and that time: a
/// fire that a cluster delivers twice, or recovers after a crash, is one run. The engine comes by constructor injection.
/// </remarks>
/// <param name="engine">The engine.</param>
public sealed class DagTriggerJob(OrchestratorEngine engine) : IJob
{
    /// <summary>The job datum that names the DAG.</summary>
    public const string DagKey = "dag";

    /// <summary>The job datum with what tasks of the run read, as a JSON object; may be left out.</summary>
    public const string ConfKey = "conf";

    /// <inheritdoc/>
    /// <exception cref="JobExecutionException">The DAG is not known, its parameters are wrong, or the engine is not running.</exception>
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var scheduled = (context.ScheduledFireTimeUtc ?? context.FireTimeUtc).ToUniversalTime();
        var trigger = (context.Recovering ? context.RecoveringTriggerKey : null) ?? context.Trigger.Key;
        if (Text(context, DagKey) is not { } dagId)
        {
            throw new JobExecutionException($"job {context.JobDetail.Key} names no DAG: set the job datum '{DagKey}'.");
        }

        try
        {
            var conf = Text(context, ConfKey) is { } json ? JsonSerializer.Deserialize<JsonElement>(json) : (JsonElement?)null;
            context.Result = await engine.TriggerAsync(dagId, conf, scheduled, KeyOf(trigger, scheduled), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is DataPlatformException or JsonException)
        {
            throw new JobExecutionException($"trigger {trigger} could not start DAG '{dagId}': {exception.Message}", exception);
        }
    }

    /// <summary>The idempotency key of a fire.</summary>
    /// <param name="trigger">The trigger's key.</param>
    /// <param name="scheduled">The scheduled fire time.</param>
    public static string KeyOf(TriggerKey trigger, DateTimeOffset scheduled)
    {
        ArgumentNullException.ThrowIfNull(trigger);
        return $"quartz/{trigger}@{scheduled.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)}";
    }

    private static string? Text(IJobExecutionContext context, string key) =>
        context.MergedJobDataMap.TryGetValue(key, out var value) && value is string { Length: > 0 } text ? text : null;
}
