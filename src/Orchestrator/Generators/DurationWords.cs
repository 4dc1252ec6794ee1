using System.Text.RegularExpressions;

namespace DataPlatform.Orchestrator.Generators;

/// <summary>Durations as attributes write them.</summary>
internal static class DurationWords
{
    private static readonly Regex Form = new(@"^(([0-9]{1,9}(ms|s|m|h|d))+|[0-9.]+(:[0-9]{2}){1,2}(\.[0-9]+)?)$",
        RegexOptions.CultureInvariant);

    public static bool IsDuration(string text) => Form.IsMatch(text);
}
