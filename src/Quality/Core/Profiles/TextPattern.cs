namespace DataPlatform.Quality.Profiles;

/// <summary>The shape of a text: letters become <c>A</c> or <c>a</c>, digits <c>9</c>, runs longer than four are shown as <c>+</c>.</summary>
public static class TextPattern
{
    private const int RunMax = 4;
    internal const int LengthMax = 40;

    /// <summary>The shape of a text, for example <c>AAA-9999</c>.</summary>
    /// <param name="text">The text.</param>
    public static string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var shape = new System.Text.StringBuilder();
        for (var at = 0; at < text.Length && shape.Length < LengthMax;)
        {
            var symbol = Symbol(text[at]);
            var run = at;
            while (run < text.Length && Symbol(text[run]) == symbol)
            {
                run++;
            }

            var isClass = symbol is 'A' or 'a' or '9';
            shape.Append(isClass && run - at > RunMax ? $"{symbol}+" : new string(symbol, Math.Min(run - at, LengthMax)));
            at = run;
        }

        return shape.ToString();
    }

    private static char Symbol(char c) => char.IsUpper(c) ? 'A' : char.IsLetter(c) ? 'a' : char.IsDigit(c) ? '9' : c;
}
