namespace DataPlatform.ResourceScheduler.Applications;

/// <summary>When a slow task is worth a second attempt elsewhere.</summary>
public sealed record Speculation
{
    /// <summary>The fraction of a stage's tasks that must have finished. Default 0.75, as in Spark.</summary>
    public double Quantile { get; init; } = 0.75;

    /// <summary>How many times the median a task must have run. Default 1.5, as in Spark.</summary>
    public double Multiplier { get; init; } = 1.5;

    /// <summary>The shortest time worth a second attempt. Default 100 ms, as in Spark.</summary>
    public TimeSpan RunTimeMin { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The run time above which a task is slow; null while too few have finished.</summary>
    /// <param name="tasks">Tasks of the stage.</param>
    /// <param name="finishedSeconds">Run times of finished ones, in seconds.</param>
    public double? ThresholdSeconds(int tasks, IReadOnlyCollection<double> finishedSeconds)
    {
        ArgumentNullException.ThrowIfNull(finishedSeconds);
        return finishedSeconds.Count == 0 || finishedSeconds.Count < Quantile * tasks
            ? null
            : Math.Max(Multiplier * Median(finishedSeconds), RunTimeMin.TotalSeconds);
    }

    /// <summary>How many second attempts may run at once: 10, 1 % of the tasks or 10 % of the running ones, whichever is most.</summary>
    /// <param name="tasks">Tasks of the stage.</param>
    /// <param name="running">Tasks that run.</param>
    public static int AttemptsMax(int tasks, int running) => Math.Max(10, Math.Max(tasks / 100, running / 10));

    /// <summary>Whether a second attempt started now would end before the first.</summary>
    /// <param name="nowSeconds">The time.</param>
    /// <param name="startSeconds">When the first attempt started.</param>
    /// <param name="estimatedTotalSeconds">How long the first attempt is expected to take in all.</param>
    /// <param name="meanSeconds">How long attempts take on average.</param>
    public static bool IsWorthIt(double nowSeconds, double startSeconds, double estimatedTotalSeconds, double meanSeconds)
        => startSeconds + estimatedTotalSeconds > nowSeconds + meanSeconds;

    /// <summary>The middle value; the mean of the two middle ones where there is an even number.</summary>
    /// <param name="values">At least one.</param>
    public static double Median(IReadOnlyCollection<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>Mean and population standard deviation.</summary>
    /// <param name="values">At least one.</param>
    public static (double Mean, double Deviation) MeanAndDeviation(IReadOnlyCollection<double> values)
    {
        var mean = values.Average();
        return (mean, Math.Sqrt(values.Average(value => (value - mean) * (value - mean))));
    }
}
