using DataPlatform.Lakehouse.Schemas;

namespace DataPlatform.Tools.Cli.Lake;

/// <summary>
/// Reads columns as SQL writes them: <c>id bigint not null, name string, price decimal(12,2), tags array&lt;string&gt;, at struct&lt;x:
/// int&gt;</c>.
/// </summary>
internal sealed class SchemaText
{
    private static readonly Dictionary<string, DeltaType> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["string"] = DeltaType.String,
        ["varchar"] = DeltaType.String,
        ["text"] = DeltaType.String,
        ["long"] = DeltaType.Long,
        ["bigint"] = DeltaType.Long,
        ["integer"] = DeltaType.Integer,
        ["int"] = DeltaType.Integer,
        ["short"] = DeltaType.Short,
        ["smallint"] = DeltaType.Short,
        ["byte"] = DeltaType.Byte,
        ["tinyint"] = DeltaType.Byte,
        ["float"] = DeltaType.Float,
        ["real"] = DeltaType.Float,
        ["double"] = DeltaType.Double,
        ["boolean"] = DeltaType.Boolean,
        ["bool"] = DeltaType.Boolean,
        ["binary"] = DeltaType.Binary,
        ["date"] = DeltaType.Date,
        ["timestamp"] = DeltaType.Timestamp,
        ["timestamp_ntz"] = DeltaType.TimestampNtz,
    };

    private readonly string _text;
    private int _at;

    private SchemaText(string text) => _text = text;

    /// <exception cref="ArgumentException">The text is not a list of columns; the message shows where.</exception>
    public static StructType Parse(string text)
    {
        var parser = new SchemaText(text);
        var schema = parser.Columns(separator: ' ');
        parser.Skip();
        return parser._at == text.Length ? schema : throw parser.Wrong("the end of the columns");
    }

    private StructType Columns(char separator)
    {
        List<StructField> fields = [];
        do
        {
            var name = Name();
            if (separator == ':' && !Take(':'))
            {
                throw Wrong("':'");
            }

            fields.Add(new StructField(name, Type(), Nullable: !TakeWords("not", "null")));
        }
        while (Take(','));
        return new StructType(fields);
    }

    private DeltaType Type()
    {
        var start = _at;
        var name = Name();
        if (Names.TryGetValue(name, out var known))
        {
            return known;
        }

        switch (name.ToUpperInvariant())
        {
            case "DECIMAL" or "NUMERIC":
                var (precision, scale) = (10, 0);
                if (Take('('))
                {
                    precision = int.Parse(Name(), System.Globalization.CultureInfo.InvariantCulture);
                    scale = Take(',') ? int.Parse(Name(), System.Globalization.CultureInfo.InvariantCulture) : 0;
                    Need(')');
                }

                return DeltaType.Decimal(precision, scale);
            case "ARRAY":
                Need('<');
                var element = Type();
                Need('>');
                return DeltaType.Array(element);
            case "MAP":
                Need('<');
                var key = Type();
                Need(',');
                var value = Type();
                Need('>');
                return DeltaType.Map(key, value);
            case "STRUCT":
                Need('<');
                var structure = Columns(':');
                Need('>');
                return structure;
            default:
                _at = start;
                throw Wrong("a type such as string, bigint, int, double, decimal(12,2), date, timestamp, boolean, array<...>, map<...>, struct<...>");
        }
    }

    private string Name()
    {
        Skip();
        if (_at < _text.Length && _text[_at] is '`' or '"')
        {
            var end = _text.IndexOf(_text[_at], _at + 1);
            var quoted = end > _at ? _text[(_at + 1)..end] : throw Wrong("the other quote");
            _at = end + 1;
            return quoted;
        }

        var start = _at;
        while (_at < _text.Length && (char.IsLetterOrDigit(_text[_at]) || _text[_at] is '_' or '-'))
        {
            _at++;
        }

        return _at > start ? _text[start.._at] : throw Wrong("a name");
    }

    private bool TakeWords(params string[] words)
    {
        var start = _at;
        foreach (var word in words)
        {
            Skip();
            if (!_text.AsSpan(_at).StartsWith(word, StringComparison.OrdinalIgnoreCase))
            {
                _at = start;
                return false;
            }

            _at += word.Length;
        }

        return true;
    }

    private bool Take(char c)
    {
        Skip();
        var found = _at < _text.Length && _text[_at] == c;
        _at += found ? 1 : 0;
        return found;
    }

    private void Need(char c)
    {
        if (!Take(c))
        {
            throw Wrong($"'{c}'");
        }
    }

    private void Skip()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
        {
            _at++;
        }
    }

    private ArgumentException Wrong(string expected)
        => new($"--schema needs {expected} at '{(_at < _text.Length ? _text[_at..] : "the end")}'.");
}
