using System.Text.RegularExpressions;
using Cronos;

namespace DataPlatform.Orchestrator.Schedules;

/// <summary>Reads cron in its dialects: one expression of Cronos, or two of which one must match.</summary>
internal static partial class CronExpressions
{
    public static CronExpression[] Parse(string text, CronDialect dialect, uint? seed)
    {
        var fields = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return dialect == CronDialect.Vixie && EitherDay(fields) is { } pair
            ? [ParseOne(pair.OfMonth, text, seed), ParseOne(pair.OfWeek, text, seed)]
            : [ParseOne(fields, text, seed)];
    }

    /// <summary>Whether an expression leaves a field to a seed.</summary>
    public static bool HasChoice(string text) => !text.StartsWith('@') && Choice().IsMatch(text);

    /// <summary>Null where one of the day fields begins with a star: then both must match, also in Vixie cron.</summary>
    private static (string[] OfMonth, string[] OfWeek)? EitherDay(string[] fields)
    {
        if (fields.Length < 5 || fields[^3][0] is '*' or '?' || fields[^1][0] is '*' or '?')
        {
            return null;
        }

        string[] ofMonth = [.. fields];
        string[] ofWeek = [.. fields];
        ofMonth[^1] = "*";
        ofWeek[^3] = "*";
        return (ofMonth, ofWeek);
    }

    private static CronExpression ParseOne(string[] fields, string text, uint? seed)
    {
        var format = fields.Length == 6 ? CronFormat.IncludeSeconds : CronFormat.Standard;
        var expression = string.Join(' ', fields);
        try
        {
            // With a seed Cronos also spreads macros such as @daily, which here mean what they say.
            return HasChoice(text) ? CronExpression.Parse(expression, format, unchecked((int)(seed ?? 0))) : CronExpression.Parse(expression, format);
        }
        catch (CronFormatException exception)
        {
            throw new TimetableException($"the cron expression '{text}' cannot be read: {exception.Message}", exception);
        }
    }

    [GeneratedRegex(@"(^|[\s,])H")]
    private static partial Regex Choice();
}
