using System.Globalization;

namespace DataPlatform.Quality.Postgres;

/// <summary>Collects the conditions of a query that are asked for, with their values as numbered parameters.</summary>
internal sealed class Conditions
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
        return string.Create(CultureInfo.InvariantCulture, $"${_values.Count}");
    }

    /// <summary>A text as part of an ILIKE pattern with <c>\</c> as its escape.</summary>
    public static string? Within(string? text) => string.IsNullOrEmpty(text)
        ? null
        : "%" + text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal) + "%";
}
