using System.Globalization;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.Trials;

/// <summary>A verdict on a sample, with what a sample can tell of the table.</summary>
/// <param name="Verdict">The verdict on the sample.</param>
/// <param name="Remark">What follows for the whole table and what does not; null where the sample is the whole table.</param>
public sealed record TrialVerdict(Verdict Verdict, string? Remark)
{
    private const double Confidence = 0.95;

    /// <summary>Says of a verdict on a sample what it tells of the table.</summary>
    /// <param name="verdict">The verdict.</param>
    /// <param name="isRowRule">Whether the rule looks at single rows, so that its share of violations can be carried over.</param>
    /// <param name="isWhole">Whether the sample is the whole table.</param>
    public static TrialVerdict Of(Verdict verdict, bool isRowRule, bool isWhole)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        return new TrialVerdict(verdict, isWhole || verdict.Outcome == Outcome.Error ? null : verdict.Kind switch
        {
            "schema" => null,
            "unique" => "A sample cannot show that values are unique: only what is there twice within it was counted.",
            "row-count" => "This counts the rows of the sample, not those of the table.",
            _ when isRowRule && verdict is { Violations: { } bad, Evaluated: > 0 and var rows } => Interval(bad, rows),
            _ => "This was measured over the sample; over the table it may differ.",
        });
    }

    private static string Interval(long bad, long rows)
    {
        var (low, high) = SampleIntervals.Share(bad, rows, Confidence);
        return string.Create(CultureInfo.InvariantCulture, $"In the table {low:0.##%} to {high:0.##%} of rows would break it (95 % certain).");
    }
}
