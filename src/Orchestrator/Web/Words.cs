using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Web;

/// <summary>States as people say them.</summary>
internal static class Words
{
    public static string Of(TaskState state) => state switch
    {
        TaskState.RetryWait => "waits to retry",
        TaskState.RescheduleWait => "waits to look again",
        TaskState.AwaitingInput => "awaits input",
        TaskState.UpstreamFailed => "upstream failed",
        _ => Lower(state.ToString()),
    };

    public static string Of(WaitCause cause) => cause switch
    {
        WaitCause.RunNotStarted => "run not started",
        WaitCause.PastRun => "past run",
        _ => Lower(cause.ToString()),
    };

    public static string Of(DagRunState state) => Lower(state.ToString());

    public static string Of(BackfillState state) => Lower(state.ToString());

    public static string Of(BackfillRunState state) => Lower(state.ToString());

    /// <summary>A task instance's name.</summary>
    public static string Of(string taskId, int mapIndex) => mapIndex < 0 ? taskId : $"{taskId}[{mapIndex}]";

    private static string Lower(string text) => char.ToLowerInvariant(text[0]) + text[1..];
}
