using System.Text.Json;

namespace DataPlatform.Quality.Rules.Documents;

/// <summary>Names of enumeration members in documents: lower case with hyphens.</summary>
internal static class DocumentNames
{
    public static string Of<T>(T value)
        where T : struct, Enum
        => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    public static IEnumerable<string> All<T>()
        where T : struct, Enum
        => Enum.GetValues<T>().Select(Of);

    public static bool TryParse<T>(string text, out T value)
        where T : struct, Enum
    {
        foreach (var candidate in Enum.GetValues<T>())
        {
            if (string.Equals(Of(candidate), text, StringComparison.OrdinalIgnoreCase))
            {
                value = candidate;
                return true;
            }
        }

        value = default;
        return false;
    }
}
