using DuckDB.NET.Data;

namespace DataPlatform.Quality.DuckDb;

/// <summary>DuckDB's error texts on one line, without the picture of the statement.</summary>
internal static class DuckDbErrors
{
    /// <summary>E_NOTIMPL: how the binding says that it has no form for a type.</summary>
    private const int HasNoForm = unchecked((int)0x80004001);

    public static string Reason(Exception e)
    {
        var text = e.Message;
        var picture = text.IndexOf("\nLINE ", StringComparison.Ordinal);
        text = picture < 0 ? text : text[..picture];
        return string.Join(' ', text.Split(['\n', '\r', ' '], StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>
    /// What a query can end with for reasons of its own: DuckDB refuses it, or a value has no .NET form, as an infinite date, a year of five digits or
    /// a union. The binding says so in as many kinds of exception.
    /// </summary>
    public static bool IsOfQuery(Exception e) => e is DuckDBException or ArithmeticException or InvalidCastException or ArgumentException
        or InvalidOperationException or FormatException or NotSupportedException or { HResult: HasNoForm };
}
