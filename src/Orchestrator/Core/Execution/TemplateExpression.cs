using System.Text;

namespace DataPlatform.Orchestrator.Execution;

/// <summary>What stands between <c>{{</c> and <c>}}</c>: a name or a text, and filters.</summary>
/// <param name="Name">The name; null for a text.</param>
/// <param name="Literal">The text; null for a name.</param>
/// <param name="Filters">Applied from left to right.</param>
internal sealed record TemplateExpression(string? Name, string? Literal, IReadOnlyList<TemplateFilter> Filters)
{
    /// <summary>Whether the value stands as a quoted identifier of SQL.</summary>
    public bool IsIdentifier => Filters.Count > 0 && Filters[^1].Name == "id";

    /// <exception cref="FormatException">It cannot be read.</exception>
    public static TemplateExpression Parse(string text)
    {
        var parts = Split(text);
        var first = parts[0].Trim();
        var literal = first.Length >= 2 && first[0] == '\'' && first[^1] == '\'' ? first[1..^1] : null;
        if (literal is null && (first.Length == 0 || !first.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.')))
        {
            throw new FormatException(
                $"begins with '{first}', which is neither a name nor a 'text'; two braces as such are written {{{{'{{{{'}}}}");
        }

        var filters = parts.Skip(1).Select(FilterOf).ToList();
        foreach (var filter in filters)
        {
            if (TemplateFilters.WhyNot(filter) is { } reason)
            {
                throw new FormatException(reason);
            }
        }

        return new TemplateExpression(literal is null ? first : null, literal, filters);
    }

    private static TemplateFilter FilterOf(string part)
    {
        var (name, argument) = part.Split(':', 2) is [var left, var right] ? (left, right.Trim()) : (part, null);
        return new TemplateFilter(name.Trim(), argument is ['\'', .. var inner, '\''] ? inner : argument);
    }

    /// <summary>Splits at bars that do not stand in quotes.</summary>
    private static List<string> Split(string text)
    {
        var parts = new List<string>();
        var part = new StringBuilder();
        var isQuoted = false;
        foreach (var c in text)
        {
            isQuoted ^= c == '\'';
            if (c == '|' && !isQuoted)
            {
                parts.Add(part.ToString());
                part.Clear();
            }
            else
            {
                part.Append(c);
            }
        }

        parts.Add(part.ToString());
        return isQuoted ? throw new FormatException("has a quote that is not closed") : parts;
    }
}
