using System.Buffers;

namespace DataPlatform.Orchestrator.Execution;

/// <summary>Says what a place in an SQL text is: quotes (also <c>E'…'</c> and <c>$tag$…$tag$</c>), comments (nested ones too), or
/// code.</summary>
/// <remarks>Asked for ascending places, it reads the text once.</remarks>
internal sealed class SqlScanner(string text)
{
    private static readonly SearchValues<char> TagCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    private int _at;

    /// <summary>Where the quotes or the comment end that were entered last; everything before is read.</summary>
    private int _end;
    private SqlPlace _place = SqlPlace.Code;

    public SqlPlace PlaceAt(int index)
    {
        while (_at <= index)
        {
            if (index < _end)
            {
                return _place;
            }

            _at = Math.Max(_at, _end);
            if (_at > index)
            {
                break;
            }

            Enter();
            _at++;
        }

        return index < _end ? _place : SqlPlace.Code;
    }

    private void Enter()
    {
        switch (text[_at])
        {
            case '\'':
                Skip(EndOfQuote('\'', _at > 0 && text[_at - 1] is 'e' or 'E'), SqlPlace.Quoted);
                break;
            case '"' or '`':
                Skip(EndOfQuote(text[_at], hasEscapes: false), SqlPlace.Quoted);
                break;
            case '-' when Follows("--"):
                Skip(IndexAfter("\n", _at), SqlPlace.Comment);
                break;
            case '/' when Follows("/*"):
                Skip(EndOfComment(), SqlPlace.Comment);
                break;
            case '$' when Tag() is { } tag:
                Skip(IndexAfter(tag, _at + tag.Length), SqlPlace.Quoted);
                break;
            default:
                break;
        }
    }

    private void Skip(int end, SqlPlace place) => (_end, _place) = (end, place);

    private bool Follows(string mark) => string.CompareOrdinal(text, _at, mark, 0, mark.Length) == 0;

    private int IndexAfter(string mark, int from) =>
        text.IndexOf(mark, Math.Min(from, text.Length), StringComparison.Ordinal) is var found and >= 0 ? found + mark.Length : text.Length;

    /// <summary>A doubled quote stands for itself.</summary>
    private int EndOfQuote(char quote, bool hasEscapes)
    {
        for (var i = _at + 1; i < text.Length; i++)
        {
            if (hasEscapes && text[i] == '\\')
            {
                i++;
            }
            else if (text[i] == quote)
            {
                if (i + 1 >= text.Length || text[i + 1] != quote)
                {
                    return i + 1;
                }

                i++;
            }
        }

        return text.Length;
    }

    private int EndOfComment()
    {
        var depth = 0;
        for (var i = _at; i < text.Length - 1; i++)
        {
            var pair = text.AsSpan(i, 2);
            if (pair is "/*")
            {
                depth++;
                i++;
            }
            else if (pair is "*/")
            {
                i++;
                if (--depth == 0)
                {
                    return i + 1;
                }
            }
        }

        return text.Length;
    }

    /// <summary><c>$tag$</c> at this place; null where it is something else, such as <c>$1</c>.</summary>
    private string? Tag()
    {
        var end = text.IndexOf('$', _at + 1);
        if (end < 0 || (_at > 0 && (char.IsAsciiLetterOrDigit(text[_at - 1]) || text[_at - 1] == '_')))
        {
            return null;
        }

        var name = text.AsSpan(_at + 1, end - _at - 1);
        return name.IsEmpty || (!char.IsAsciiDigit(name[0]) && !name.ContainsAnyExcept(TagCharacters))
            ? text[_at..(end + 1)]
            : null;
    }
}
