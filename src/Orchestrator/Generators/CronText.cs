using System.Globalization;

namespace DataPlatform.Orchestrator.Generators;

/// <summary>Finds cron lines that cannot be read or can never fire. What it does not know, such as <c>L</c>, <c>W</c>, <c>#</c>, <c>H</c>
/// and macros, it leaves to the program.</summary>
internal static class CronText
{
    private static readonly (string Name, int Low, int High)[] Fields =
        [("second", 0, 59), ("minute", 0, 59), ("hour", 0, 23), ("day of month", 1, 31), ("month", 1, 12), ("day of week", 0, 7)];

    private static readonly string[] Months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    private static readonly string[] Days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
    private static readonly int[] DaysInMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

    /// <summary>Why a line is no schedule; null when it may be one.</summary>
    public static string? WhyNot(string line)
    {
        var text = line.Trim();
        if (text.StartsWith("@", StringComparison.Ordinal))
        {
            return null;
        }

        var parts = text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length is not (5 or 6))
        {
            return $"it has {parts.Length} fields; a cron line has five, or six with seconds";
        }

        var values = new List<HashSet<int>?>();
        for (var i = 0; i < parts.Length; i++)
        {
            var field = Fields[i + 6 - parts.Length];
            if (!TryRead(parts[i], field, out var set, out var reason))
            {
                return reason;
            }

            values.Add(set);
        }

        var (days, months) = (values[values.Count - 3], values[values.Count - 2]);
        return days is null || months is null || months.Any(month => days.Any(day => day <= DaysInMonth[month - 1]))
            ? null
            : "it never fires: none of its months has such a day";
    }

    /// <param name="text">The field.</param>
    /// <param name="field">Which.</param>
    /// <param name="values">Its values; null where they are not known.</param>
    /// <param name="reason">Why it is wrong.</param>
    private static bool TryRead(string text, (string Name, int Low, int High) field, out HashSet<int>? values, out string? reason)
    {
        values = [];
        reason = null;
        foreach (var part in text.Split(','))
        {
            var pieces = part.Split('/');
            var ends = pieces[0].Split('-');
            if (pieces.Length > 2 || ends.Length > 2 || IsBeyondUs(pieces[0], field.Name))
            {
                values = null;
                return true;
            }

            if (pieces[0] is "*" or "?")
            {
                ends = [field.Low.ToString(CultureInfo.InvariantCulture), field.High.ToString(CultureInfo.InvariantCulture)];
            }

            var numbers = ends.Select(end => Number(end, field.Name)).ToList();
            if (numbers.Any(number => number is null || number < field.Low || number > field.High))
            {
                reason = $"'{part}' is no {field.Name}; those are {field.Low} to {field.High}";
                return false;
            }

            AddAll(values, numbers[0]!.Value, numbers.Count > 1 ? numbers[1]!.Value : pieces.Length > 1 ? field.High : numbers[0]!.Value,
                field);
        }

        return true;
    }

    /// <summary>A range that ends before it begins goes round.</summary>
    private static void AddAll(HashSet<int> values, int from, int to, (string Name, int Low, int High) field)
    {
        for (var value = from; ; value = value == field.High ? field.Low : value + 1)
        {
            values.Add(value);
            if (value == to)
            {
                return;
            }
        }
    }

    private static bool IsBeyondUs(string text, string field) => text.StartsWith("H", StringComparison.Ordinal) || text.Contains('(')
        || text.Contains('#')
        || (field.StartsWith("day", StringComparison.Ordinal)
            && (text.EndsWith("L", StringComparison.OrdinalIgnoreCase) || text.StartsWith("L", StringComparison.OrdinalIgnoreCase)
            || text.EndsWith("W", StringComparison.OrdinalIgnoreCase)));

    private static int? Number(string text, string field)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        var index = Array.IndexOf(field == "month" ? Months : field == "day of week" ? Days : [], text.ToUpperInvariant());
        return index < 0 ? null : field == "month" ? index + 1 : index;
    }
}
