namespace DataPlatform.Tools.Cli;

/// <summary>Spans of time that a user gives in seconds.</summary>
internal static class Seconds
{
    /// <summary>The longest: a day. What takes longer is a mistake of the unit.</summary>
    private const double Max = 86_400;

    /// <summary>A span.</summary>
    /// <param name="option">The option it was given with.</param>
    /// <param name="seconds">What was given.</param>
    /// <param name="allowsZero">Whether none is a span too.</param>
    /// <exception cref="ArgumentException">It is none, negative or longer than a day.</exception>
    public static TimeSpan Of(string option, double seconds, bool allowsZero) => seconds is >= 0 and <= Max && (allowsZero || seconds > 0)
        ? TimeSpan.FromSeconds(seconds)
        : throw new ArgumentException(
            FormattableString.Invariant($"{option} takes {(allowsZero ? "0" : "more than 0")} to {Max:F0} seconds, not {seconds}."));
}
