namespace DataPlatform.Orchestrator.Runs;

/// <summary>How many direct upstream instances of a task are in which final state: all that a trigger rule looks at.</summary>
/// <remarks>Removed instances are not counted at all. A cancelled one counts as failed.</remarks>
public record struct UpstreamCounts
{
    /// <summary>Instances that are expected to end.</summary>
    public int Total { get; set; }

    /// <summary>Ended well.</summary>
    public int Success { get; set; }

    /// <summary>Failed or cancelled.</summary>
    public int Failed { get; set; }

    /// <summary>Skipped.</summary>
    public int Skipped { get; set; }

    /// <summary>Not run because something before failed.</summary>
    public int UpstreamFailed { get; set; }

    /// <summary>Setup tasks among <see cref="Total"/>.</summary>
    public int Setups { get; set; }

    /// <summary>Setup tasks that ended well.</summary>
    public int SetupSuccess { get; set; }

    /// <summary>Setup tasks that were skipped.</summary>
    public int SetupSkipped { get; set; }

    /// <summary>Ended, however.</summary>
    public readonly int Done => Success + Failed + Skipped + UpstreamFailed;

    /// <summary>Whether every upstream has ended.</summary>
    public readonly bool AllDone => Done >= Total;

    /// <summary>The sum of two counts of different instances.</summary>
    /// <param name="other">The others.</param>
    public readonly UpstreamCounts Plus(in UpstreamCounts other) => new()
    {
        Total = Total + other.Total,
        Success = Success + other.Success,
        Failed = Failed + other.Failed,
        Skipped = Skipped + other.Skipped,
        UpstreamFailed = UpstreamFailed + other.UpstreamFailed,
        Setups = Setups + other.Setups,
        SetupSuccess = SetupSuccess + other.SetupSuccess,
        SetupSkipped = SetupSkipped + other.SetupSkipped,
    };

    /// <summary>Counts an instance that reached a state; states that are not final change nothing.</summary>
    /// <param name="state">The state reached.</param>
    /// <param name="isSetup">Whether the instance is of a setup task.</param>
    /// <param name="by">1 to count, -1 to take back.</param>
    public void Count(TaskState state, bool isSetup = false, int by = 1)
    {
        switch (state)
        {
            case TaskState.Success:
                Success += by;
                SetupSuccess += isSetup ? by : 0;
                break;
            case TaskState.Failed or TaskState.Cancelled:
                Failed += by;
                break;
            case TaskState.Skipped:
                Skipped += by;
                SetupSkipped += isSetup ? by : 0;
                break;
            case TaskState.UpstreamFailed:
                UpstreamFailed += by;
                break;
            case TaskState.Removed:
                Total -= by;
                Setups -= isSetup ? by : 0;
                break;
            default:
                break;
        }
    }
}
