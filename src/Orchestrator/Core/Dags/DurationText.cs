using System.Globalization;

namespace DataPlatform.Orchestrator.Dags;

/// <summary>Durations as people write them in YAML, attributes and templates: <c>500ms</c>, <c>30s</c>, <c>5m</c>, <c>2h</c>, <c>1d</c>,
/// sums such as <c>1h30m</c>, or <c>01:30:00</c>.</summary>
public static class DurationText
{
    /// <summary>Reads one.</summary>
    /// <param name="text">The text.</param>
    /// <param name="duration">The duration; zero or more.</param>
    /// <returns>False when it is no duration.</returns>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Contains(':', StringComparison.Ordinal))
        {
            return TimeSpan.TryParseExact(text, ["c", @"h\:mm", @"h\:mm\:ss"], CultureInfo.InvariantCulture, out duration);
        }

        duration = TimeSpan.Zero;
        for (var rest = text.AsSpan(); rest.Length > 0;)
        {
            var digits = rest.IndexOfAnyExceptInRange('0', '9');
            if (digits <= 0 || digits > 9)
            {
                return false;
            }

            var number = long.Parse(rest[..digits], CultureInfo.InvariantCulture);
            rest = rest[digits..];
            var letters = rest.IndexOfAnyInRange('0', '9') is var next && next < 0 ? rest.Length : next;
            if (Unit(rest[..letters]) is not { } unit || unit.Ticks > TimeSpan.MaxValue.Ticks / Math.Max(1, number))
            {
                return false;
            }

            if (unit * number is var part && part > TimeSpan.MaxValue - duration)
            {
                return false;
            }

            duration += part;
            rest = rest[letters..];
        }

        return text.Length > 0;
    }

    private static TimeSpan? Unit(ReadOnlySpan<char> unit) => unit switch
    {
        "ms" => TimeSpan.FromMilliseconds(1),
        "s" => TimeSpan.FromSeconds(1),
        "m" => TimeSpan.FromMinutes(1),
        "h" => TimeSpan.FromHours(1),
        "d" => TimeSpan.FromDays(1),
        _ => null,
    };
}
