namespace DataPlatform.Quality.Rules;

/// <summary>What a rule says about measured values.</summary>
internal sealed record Judgement(Outcome Outcome, string Message, string? Observed = null, long? Violations = null, long? Evaluated = null)
{
    /// <summary>What an anomaly or a drift was judged by, as JSON, for replay.</summary>
    public string? Evidence { get; init; }

    /// <summary>The common case: some rows of those looked at break the rule.</summary>
    public static Judgement OfRows(long violations, long evaluated, Threshold threshold, string what)
    {
        if (evaluated == 0)
        {
            return new Judgement(Outcome.NoData, "There are no rows to look at.", "0", 0, 0);
        }

        var holds = threshold.Allows(violations, evaluated);
        var message = violations == 0
            ? $"All {Text(evaluated)} rows hold."
            : $"{Text(violations)} of {Text(evaluated)} rows {what}{(threshold == Threshold.None ? "" : $" (borne: {threshold})")}.";
        return new Judgement(holds ? Outcome.Pass : Outcome.Fail, message, Text(violations), violations, evaluated);
    }

    public static string Text(long value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
