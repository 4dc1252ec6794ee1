namespace DataPlatform.Quality.Catalog;

/// <summary>How many rules came out how.</summary>
/// <param name="Pass">Rules that hold.</param>
/// <param name="FailInfo">Broken rules of severity info.</param>
/// <param name="FailWarning">Broken rules of severity warning.</param>
/// <param name="FailCritical">Broken rules of severity critical.</param>
/// <param name="Error">Rules that could not be measured.</param>
/// <param name="NoData">Rules that found nothing to measure.</param>
public readonly record struct OutcomeCounts(long Pass, long FailInfo, long FailWarning, long FailCritical, long Error, long NoData)
{
    /// <summary>All rules.</summary>
    public long Total => Pass + Fail + Error + NoData;

    /// <summary>All broken rules.</summary>
    public long Fail => FailInfo + FailWarning + FailCritical;

    /// <summary>The share of judged rules that hold, 0 to 1; 1 where none was judged.</summary>
    public double PassShare => Pass + Fail + Error == 0 ? 1 : (double)Pass / (Pass + Fail + Error);

    /// <summary>One verdict.</summary>
    /// <param name="severity">Its severity.</param>
    /// <param name="outcome">Its outcome.</param>
    /// <param name="count">How many.</param>
    public static OutcomeCounts Of(Severity severity, Outcome outcome, long count = 1) => (outcome, severity) switch
    {
        (Outcome.Pass, _) => new(count, 0, 0, 0, 0, 0),
        (Outcome.Fail, Severity.Info) => new(0, count, 0, 0, 0, 0),
        (Outcome.Fail, Severity.Warning) => new(0, 0, count, 0, 0, 0),
        (Outcome.Fail, _) => new(0, 0, 0, count, 0, 0),
        (Outcome.Error, _) => new(0, 0, 0, 0, count, 0),
        _ => new(0, 0, 0, 0, 0, count),
    };

    /// <summary>The counts together.</summary>
    public static OutcomeCounts operator +(OutcomeCounts left, OutcomeCounts right) => left.Add(right);

    /// <summary>The counts together.</summary>
    /// <param name="other">The others.</param>
    public OutcomeCounts Add(OutcomeCounts other) => new(
        Pass + other.Pass, FailInfo + other.FailInfo, FailWarning + other.FailWarning, FailCritical + other.FailCritical, Error + other.Error,
        NoData + other.NoData);
}
