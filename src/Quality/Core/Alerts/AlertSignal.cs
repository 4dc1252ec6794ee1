namespace DataPlatform.Quality.Alerts;

/// <summary>One look at something that may be wrong.</summary>
/// <param name="Key">What it is about.</param>
/// <param name="Title">One line for people.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="IsBad">Whether it is wrong; null when it could not be told, which neither opens nor closes anything.</param>
/// <param name="Detail">What was seen.</param>
public sealed record AlertSignal(string Key, string Title, Severity Severity, bool? IsBad, string Detail)
{
    /// <summary>The signals of a run: one per rule.</summary>
    /// <param name="result">The run.</param>
    public static IReadOnlyList<AlertSignal> Of(SuiteResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return [.. result.Verdicts.Select(v => new AlertSignal(
            $"{result.Suite}/{v.RuleId}",
            $"{result.Table}: {v.Rule}",
            v.Severity,
            v.Outcome switch { Outcome.Fail => true, Outcome.Pass => false, _ => null },
            $"{v.Message} ({result.Version?.ToString() ?? result.Table})"))];
    }
}
