using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DataPlatform.Quality.Rules;

/// <summary>Texts that are equal exactly when the things they stand for are: keys of metrics, ids of rules.</summary>
internal static class Canonical
{
    private const int IdBytes = 8;

    /// <summary>Joins parts so that no two different lists give the same text: each is preceded by its length.</summary>
    public static string Join(params IEnumerable<string?> parts)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            text.Append(part is null ? "-" : part.Length.ToString(CultureInfo.InvariantCulture)).Append(':').Append(part);
        }

        return text.ToString();
    }

    /// <summary>The first 64 bits of the text's SHA-256, in 16 lower-case hex digits.</summary>
    public static string Id(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, IdBytes));

    public static string Of(RuleValue? value) => value is null ? "-" : Join(value.Kind.ToString(), value.Text);
}
