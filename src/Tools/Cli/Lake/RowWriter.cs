using System.Text.Encodings.Web;
using System.Text.Json;

namespace DataPlatform.Tools.Cli.Lake;

/// <summary>Writes rows as they come: lines at once, tables when all are there.</summary>
internal sealed class RowWriter(CommandOutput output, RowFormat format, int? limit)
{
    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly List<IReadOnlyList<object?>> _rows = [];
    private IReadOnlyList<string> _columns = [];
    private int _count;

    private int Max => limit ?? (IsLines ? int.MaxValue : RowOptions.TableRowsMax);

    private bool IsLines => !output.Json && format is RowFormat.Jsonl or RowFormat.Csv;

    public void Columns(IReadOnlyList<string> columns)
    {
        _columns = columns;
        if (IsLines && format == RowFormat.Csv)
        {
            Console.Out.WriteLine(string.Join(',', columns.Select(Csv)));
        }
    }

    /// <returns>False when no more rows are wanted.</returns>
    public bool Add(IReadOnlyList<object?> row)
    {
        if (_count == Max)
        {
            return false;
        }

        _count++;
        if (!IsLines)
        {
            _rows.Add(row);
        }
        else if (format == RowFormat.Csv)
        {
            Console.Out.WriteLine(string.Join(',', row.Select(Csv)));
        }
        else
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(_columns.Zip(row).ToDictionary(c => c.First, c => c.Second), Options));
        }

        return true;
    }

    /// <param name="more">Whether rows were left out.</param>
    public void Complete(bool more)
    {
        if (IsLines)
        {
            return;
        }

        output.Rows(_columns, output.Json ? _rows : _rows.Select(r => (IReadOnlyList<object?>)[.. r.Select(c => Flat(c))]));
        output.Note(more ? $"the first {_count:N0} rows; --limit N for more, --format jsonl for all" : _count == 1 ? "1 row"
            : $"{_count:N0} rows");
    }

    /// <summary>Nested values in a cell are JSON.</summary>
    private static object? Flat(object? value) => value is IDictionary<string, object?> or IReadOnlyList<object?>
        ? JsonSerializer.Serialize(value, Options) : value;

    private static string Csv(object? value)
    {
        var text = Flat(value) switch
        {
            null => null,
            bool flag => flag ? "true" : "false",
            IFormattable formattable => formattable.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
            var other => other.ToString(),
        };
        return text is null ? string.Empty
            : text.Length == 0 || text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
                : text;
    }
}
