namespace DataPlatform.Orchestrator.Schedules;

/// <summary>Why a DAG's timetable gives no fires at present, although the DAG is not paused. It is asked again, with growing waits.</summary>
/// <param name="Reason">What it threw or answered, in one line.</param>
/// <param name="Since">When it was first so.</param>
public sealed record ScheduleFault(string Reason, DateTimeOffset Since)
{
    /// <summary>Characters of a reason that are kept.</summary>
    internal const int LengthMax = 1_000;

    internal static string ReasonOf(Exception exception)
    {
        var text = exception is TimetableException ? exception.Message : $"{exception.GetType().Name}: {exception.Message}";
        return Execution.NoteText.Of(text.Length <= LengthMax ? text : text[..LengthMax])!;
    }
}
