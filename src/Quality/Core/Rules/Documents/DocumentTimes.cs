using System.Globalization;
using System.Text.RegularExpressions;

namespace DataPlatform.Quality.Rules.Documents;

/// <summary>Times and durations in documents. Each has few forms that mean one thing: no order of day and month to guess, no zone of the machine.</summary>
internal static partial class DocumentTimes
{
    /// <summary>The form of a duration; the schema has it too.</summary>
    public const string Duration = @"^(?:([0-9]{1,5})\.)?([0-9]{1,5}):([0-5][0-9])(?::([0-5][0-9]))?$";

    private static readonly string[] Local =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF", "yyyy-MM-dd HH:mm:ss.FFFFFFF", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd HH:mm", "yyyy-MM-dd",
    ];

    private static readonly string[] Zoned = [.. Local.Select(form => form + "K")];

    /// <summary>A day as 2001-01-31.</summary>
    public static bool TryDay(string text, out DateOnly day) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day);

    /// <summary>A day, or a day and a time of it, without a zone.</summary>
    public static bool TryLocal(string text, out DateTime local) => DateTime.TryParseExact(text, Local, CultureInfo.InvariantCulture, DateTimeStyles.None, out local);

    /// <summary>The same with a zone as Z or +01:00; UTC without one.</summary>
    public static bool TryInstant(string text, out DateTimeOffset instant)
        => DateTimeOffset.TryParseExact(text, Zoned, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out instant);

    /// <summary>
    /// Hours, minutes and seconds, after days and a point where there are any. Hours may be more than a day's where no days are given: .NET takes
    /// 24:00:00 for 24 days, which no author means. A sign is read, so that the rule can say what it thinks of it.
    /// </summary>
    public static bool TryDuration(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        var isNegative = text.StartsWith('-');
        if (DurationForm().Match(isNegative ? text[1..] : text) is not { Success: true } parts || (parts.Groups[1].Success && Number(parts.Groups[2]) >= 24))
        {
            return false;
        }

        duration = new TimeSpan(Number(parts.Groups[1]), Number(parts.Groups[2]), Number(parts.Groups[3]), Number(parts.Groups[4]));
        duration = isNegative ? -duration : duration;
        return true;
    }

    private static int Number(Group group) => group.Success ? int.Parse(group.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(Duration, RegexOptions.CultureInvariant)]
    private static partial Regex DurationForm();
}
