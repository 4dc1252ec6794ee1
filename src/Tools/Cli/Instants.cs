using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace DataPlatform.Tools.Cli;

/// <summary>Instants as options take them: a day, or a day and a time, in UTC unless they name a zone. The machine's own zone has no say.</summary>
internal static class Instants
{
    /// <summary>An option that takes an instant.</summary>
    /// <param name="name">The option.</param>
    /// <param name="description">What it is for.</param>
    public static Option<DateTimeOffset?> Option(string name, string description) => new(name) { Description = description, CustomParser = Parse };

    private static DateTimeOffset? Parse(ArgumentResult argument)
    {
        var text = argument.Tokens.Count == 1 ? argument.Tokens[0].Value : string.Empty;
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
        {
            return at;
        }

        argument.AddError($"'{text}' is no instant; write it like 2001-01-31 or 2001-01-31T06:30:00Z.");
        return null;
    }
}
