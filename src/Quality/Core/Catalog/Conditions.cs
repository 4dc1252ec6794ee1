using System.Globalization;

namespace DataPlatform.Quality.Catalog;

/// <summary>Collects the conditions of a query that are asked for, with their values as numbered parameters.</summary>
/// <param name="first">The number of the first parameter: 0 for <c>$0</c>, 1 for <c>$1</c>.</param>
internal sealed class Conditions(int first)
{
    private readonly List<string> _texts = [];
    private readonly List<object?> _values = [];

    public object?[] Values => [.. _values];

    /// <summary>The WHERE clause; empty for no condition.</summary>
    public string Where => _texts.Count == 0 ? string.Empty : " WHERE " + string.Join(" AND ", _texts);

    /// <summary>Adds a condition when there is a value for it; <c>?</c> stands for the value.</summary>
    public Conditions Add(string text, object? value)
    {
        if (value is not null)
        {
            _texts.Add(text.Replace("?", Parameter(value), StringComparison.Ordinal));
        }

        return this;
    }

    /// <summary>Adds a value that is no condition, such as a limit.</summary>
    /// <returns>Its parameter.</returns>
    public string Parameter(object value)
    {
        _values.Add(value);
        return string.Create(CultureInfo.InvariantCulture, $"${first + _values.Count - 1}");
    }

    /// <summary>A text as part of a LIKE or ILIKE pattern with <c>\</c> as its escape.</summary>
    public static string? Within(string? text) => string.IsNullOrEmpty(text)
        ? null
        : "%" + text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal) + "%";
}
