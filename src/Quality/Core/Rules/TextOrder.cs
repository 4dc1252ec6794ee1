namespace DataPlatform.Quality.Rules;

/// <summary>The order of texts by code point, as engines have it, who compare the bytes of UTF-8. .NET's ordinal order puts characters beyond U+FFFF too low.</summary>
internal static class TextOrder
{
    private const int SurrogatesFrom = 0xD800;
    private const int SurrogatesTo = 0xE000;
    private const int BehindAll = 0x10000;

    public static int Compare(string first, string second)
    {
        var at = first.AsSpan().CommonPrefixLength(second);
        return at == first.Length || at == second.Length ? first.Length.CompareTo(second.Length) : Place(first[at]).CompareTo(Place(second[at]));
    }

    private static int Place(char c) => c is >= (char)SurrogatesFrom and < (char)SurrogatesTo ? c + BehindAll : c;
}
