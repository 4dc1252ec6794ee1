using System.Text;

namespace DataPlatform.Lakehouse.Expressions;

internal enum TokenKind
{
    End,
    Word,
    QuotedName,
    Number,
    Text,
    Symbol,
}

/// <summary>A piece of SQL text.</summary>
internal readonly record struct Token(TokenKind Kind, string Text)
{
    public bool Is(string word) => Kind switch
    {
        TokenKind.Word => Text.Equals(word, StringComparison.OrdinalIgnoreCase),
        TokenKind.Symbol => Text == word,
        _ => false,
    };
}

/// <summary>Cuts SQL text into tokens.</summary>
internal static class Tokenizer
{
    private static readonly string[] LongSymbols = ["<=>", "<>", "!=", "<=", ">=", "==", "||"];

    public static List<Token> Cut(string sql)
    {
        List<Token> tokens = [];
        for (var i = 0; i < sql.Length;)
        {
            var c = sql[i];
            if (char.IsWhiteSpace(c))
            {
                i++;
            }
            else if (c is '\'' or '"' or '`')
            {
                // As in Spark's dialect, which constraints are written in: back quotes name a column, double quotes are text.
                tokens.Add(new Token(c == '`' ? TokenKind.QuotedName : TokenKind.Text, Quoted(sql, ref i)));
            }
            else if (char.IsAsciiDigit(c) || (c == '.' && i + 1 < sql.Length && char.IsAsciiDigit(sql[i + 1])))
            {
                tokens.Add(new Token(TokenKind.Number, Number(sql, ref i)));
            }
            else if (char.IsLetter(c) || c == '_')
            {
                var start = i;
                while (i < sql.Length && (char.IsLetterOrDigit(sql[i]) || sql[i] == '_'))
                {
                    i++;
                }

                tokens.Add(new Token(TokenKind.Word, sql[start..i]));
            }
            else
            {
                var symbol = Array.Find(LongSymbols, s => sql.AsSpan(i).StartsWith(s)) ?? c.ToString();
                tokens.Add(new Token(TokenKind.Symbol, symbol));
                i += symbol.Length;
            }
        }

        tokens.Add(new Token(TokenKind.End, string.Empty));
        return tokens;
    }

    private static string Quoted(string sql, ref int i)
    {
        var quote = sql[i++];
        var text = new StringBuilder();
        while (i < sql.Length)
        {
            if (sql[i] != quote)
            {
                text.Append(sql[i++]);
            }
            else if (i + 1 < sql.Length && sql[i + 1] == quote)
            {
                text.Append(quote);
                i += 2;
            }
            else
            {
                i++;
                return text.ToString();
            }
        }

        throw new FormatException($"the quote {quote} is not closed");
    }

    private static string Number(string sql, ref int i)
    {
        var start = i;
        while (i < sql.Length && (char.IsAsciiDigit(sql[i]) || sql[i] is '.'
            || (sql[i] is 'e' or 'E' && i + 1 < sql.Length && (char.IsAsciiDigit(sql[i + 1]) || sql[i + 1] is '-' or '+'))
            || (sql[i] is '-' or '+' && sql[i - 1] is 'e' or 'E')))
        {
            i++;
        }

        return sql[start..i];
    }
}
