using System.Globalization;

namespace DataPlatform.Lakehouse.Expressions;

/// <summary>Reads the SQL expressions that constraints, generated columns, defaults and filters are written in.</summary>
/// <remarks>Precedence from the loosest: or, and, not, comparison, + - ||, * / %, sign.</remarks>
internal sealed class ExpressionParser
{
    private const int DepthMax = 200;
    private readonly List<Token> _tokens;
    private int _next;
    private int _depth;

    private ExpressionParser(List<Token> tokens) => _tokens = tokens;

    private Token Current => _tokens[_next];

    /// <exception cref="DeltaException">The text is not an expression that this engine knows.</exception>
    public static Expression Parse(string sql)
    {
        try
        {
            var parser = new ExpressionParser(Tokenizer.Cut(sql));
            var expression = parser.Or();
            return parser.Current.Kind == TokenKind.End ? expression : throw parser.Unexpected();
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            throw new DeltaException(Kernel.ErrorKind.Invalid, $"The expression '{sql}' cannot be read: {e.Message}.", e);
        }
    }

    private Expression Or()
    {
        if (++_depth > DepthMax)
        {
            throw new FormatException($"it is nested deeper than {DepthMax}");
        }

        var left = And();
        while (Take("or"))
        {
            left = Call("or", left, And());
        }

        _depth--;
        return left;
    }

    private Expression And()
    {
        var left = Not();
        while (Take("and"))
        {
            left = Call("and", left, Not());
        }

        return left;
    }

    private Expression Not() => Take("not") || Take("!") ? Call("not", Not()) : Comparison();

    private Expression Comparison()
    {
        var left = Sum();
        while (true)
        {
            var symbol = Current.Kind == TokenKind.Symbol ? Current.Text : null;
            if (symbol is "=" or "==" or "<>" or "!=" or "<" or "<=" or ">" or ">=" or "<=>")
            {
                _next++;
                left = Call(symbol switch { "==" => "=", "!=" => "<>", _ => symbol }, left, Sum());
            }
            else if (Take("is"))
            {
                var negated = Take("not");
                Expression test = Take("null") ? Call("isnull", left)
                    : Take("true") ? Call("<=>", left, new Expression.Literal(true))
                    : Take("false") ? Call("<=>", left, new Expression.Literal(false)) : throw Unexpected();
                left = negated ? Call("not", test) : test;
            }
            else if (Current.Is("not") && _tokens[_next + 1] is var after && (after.Is("in") || after.Is("between") || after.Is("like")))
            {
                _next++;
                left = Call("not", Range(left));
            }
            else if (Current.Is("in") || Current.Is("between") || Current.Is("like"))
            {
                left = Range(left);
            }
            else
            {
                return left;
            }
        }
    }

    private Expression.Call Range(Expression left)
    {
        if (Take("in"))
        {
            return Call("in", [left, .. List()]);
        }

        if (Take("like"))
        {
            return Call("like", left, Sum());
        }

        Need("between");
        var low = Sum();
        Need("and");
        return Call("and", Call(">=", left, low), Call("<=", left, Sum()));
    }

    private Expression Sum()
    {
        var left = Product();
        while (Current.Kind == TokenKind.Symbol && Current.Text is "+" or "-" or "||")
        {
            var symbol = _tokens[_next++].Text;
            left = Call(symbol, left, Product());
        }

        return left;
    }

    private Expression Product()
    {
        var left = Sign();
        while (Current.Kind == TokenKind.Symbol && Current.Text is "*" or "/" or "%")
        {
            var symbol = _tokens[_next++].Text;
            left = Call(symbol, left, Sign());
        }

        return left;
    }

    private Expression Sign()
    {
        if (Take("+"))
        {
            return Sign();
        }

        if (!Take("-"))
        {
            return Atom();
        }

        return Sign() switch
        {
            Expression.Literal { Value: long number } => new Expression.Literal(-number),
            Expression.Literal { Value: decimal number } => new Expression.Literal(-number),
            Expression.Literal { Value: double number } => new Expression.Literal(-number),
            var other => Call("-", new Expression.Literal(0L), other),
        };
    }

    private Expression Atom()
    {
        var token = _tokens[_next++];
        switch (token.Kind)
        {
            case TokenKind.Number: return new Expression.Literal(Number(token.Text));
            case TokenKind.Text: return new Expression.Literal(token.Text);
            case TokenKind.QuotedName: return Path(token.Text);
            case TokenKind.Symbol when token.Text == "(":
                var inner = Or();
                Need(")");
                return inner;
            case TokenKind.Word: return Word(token);
            default:
                _next--;
                throw Unexpected();
        }
    }

    private Expression Word(Token token)
    {
        var word = token.Text.ToLowerInvariant();
        switch (word)
        {
            case "null": return new Expression.Literal(null);
            case "true" or "false": return new Expression.Literal(word == "true");
            case "date" or "timestamp" or "timestamp_ntz" when Current.Kind == TokenKind.Text:
                var text = _tokens[_next++].Text;
                return new Expression.Literal(word == "date" ? Values.ToDate(text) : Values.ToInstant(text));
            case "cast":
                return Cast();
            case "case":
                return Case();
            case "current_timestamp" or "current_date" when !Current.Is("("):
                return Call(word);
        }

        return Current.Is("(") ? Call(word, [.. List()]) : Path(token.Text);
    }

    private Expression.Call Cast()
    {
        Need("(");
        var value = Or();
        Need("as");
        var type = _tokens[_next++].Text.ToLowerInvariant();
        if (Take("("))
        {
            type += $"({_tokens[_next++].Text}";
            while (Take(","))
            {
                type += $",{_tokens[_next++].Text}";
            }

            Need(")");
            type += ")";
        }

        Need(")");
        return Call("cast", value, new Expression.Literal(type));
    }

    private Expression.Call Case()
    {
        List<Expression> parts = [];
        var subject = Current.Is("when") ? null : Or();
        while (Take("when"))
        {
            var condition = Or();
            parts.Add(subject is null ? condition : Call("=", subject, condition));
            Need("then");
            parts.Add(Or());
        }

        parts.Add(Take("else") ? Or() : new Expression.Literal(null));
        Need("end");
        return Call("case", [.. parts]);
    }

    private Expression.Column Path(string name)
    {
        while (Take("."))
        {
            name += "." + _tokens[_next++].Text;
        }

        return new Expression.Column(name);
    }

    private List<Expression> List()
    {
        Need("(");
        List<Expression> items = [];
        if (Take(")"))
        {
            return items;
        }

        do
        {
            items.Add(Or());
        }
        while (Take(","));
        Need(")");
        return items;
    }

    private static object Number(string text)
        => text.AsSpan().ContainsAny('e', 'E') ? double.Parse(text, CultureInfo.InvariantCulture)
            : !text.Contains('.', StringComparison.Ordinal) && long.TryParse(text, CultureInfo.InvariantCulture, out var whole) ? (object)whole
            : decimal.TryParse(text, CultureInfo.InvariantCulture, out var exact) ? exact : double.Parse(text, CultureInfo.InvariantCulture);

    private static Expression.Call Call(string function, params Expression[] arguments) => new(function, arguments);

    private bool Take(string word)
    {
        if (!Current.Is(word))
        {
            return false;
        }

        _next++;
        return true;
    }

    private void Need(string word)
    {
        if (!Take(word))
        {
            throw new FormatException($"'{word}' was expected before '{Current.Text}'");
        }
    }

    private FormatException Unexpected()
        => new(Current.Kind == TokenKind.End ? "it ends early" : $"'{Current.Text}' was not expected");
}
