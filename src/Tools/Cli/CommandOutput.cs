using System.Globalization;
using System.Numerics;
using System.Text.Encodings.Web;
using System.Text.Json;
using DataPlatform.Kernel;
using Spectre.Console;

namespace DataPlatform.Tools.Cli;

/// <summary>Where a command's result goes: a table on a terminal, or JSON.</summary>
internal sealed class CommandOutput(bool json)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter(), new WholeNumberConverter() },
    };

    /// <summary>A pipe has no width of its own; this one leaves a table whole.</summary>
    private const int RedirectedWidth = 240;

    private readonly IAnsiConsole _console = CreateConsole();

    /// <summary>Whether a machine reads the output.</summary>
    public bool Json => json;

    /// <summary>Writes rows. In JSON, an array of objects keyed by column.</summary>
    public void Rows(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<object?>> rows)
    {
        if (json)
        {
            Write(rows.Select(row => columns.Zip(row).ToDictionary(cell => cell.First, cell => cell.Second)));
            return;
        }

        var table = new Table { Border = TableBorder.Rounded };
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(Markup.Escape(column)));
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(cell => Markup.Escape(Text(cell))).ToArray());
        }

        _console.Write(table);
    }

    /// <summary>Writes the properties of one thing. In JSON, an object.</summary>
    public void Properties(IReadOnlyList<(string Name, object? Value)> properties)
    {
        if (json)
        {
            Write(properties.ToDictionary(property => property.Name, property => property.Value));
            return;
        }

        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        foreach (var (name, value) in properties)
        {
            grid.AddRow($"[grey]{Markup.Escape(name)}[/]", Markup.Escape(Text(value)));
        }

        _console.Write(grid);
    }

    /// <summary>Writes a document as it is.</summary>
    public static void Document(System.Text.Json.Nodes.JsonNode document) => Write(document);

    /// <summary>Writes a line for a person; nothing in JSON.</summary>
    public void Note(string text)
    {
        if (!json)
        {
            _console.WriteLine(text);
        }
    }

    /// <summary>Writes an error to standard error.</summary>
    public void Fail(ErrorKind kind, string message)
        => Console.Error.WriteLine(json ? JsonSerializer.Serialize(new { error = message, kind }, Options) : message);

    private static IAnsiConsole CreateConsole()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings());
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = RedirectedWidth;
        }

        return console;
    }

    private static string Text(object? value) => value switch
    {
        null => "∅",
        DateTimeOffset time => time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture),
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture),
        long number => number.ToString("N0", CultureInfo.InvariantCulture),
        byte[] bytes => Convert.ToHexStringLower(bytes),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? string.Empty,
    };

    private static void Write(object value) => Console.Out.WriteLine(JsonSerializer.Serialize(value, Options));

    /// <summary>DuckDB sums whole numbers into 128 bits; JSON has one kind of number.</summary>
    private sealed class WholeNumberConverter : System.Text.Json.Serialization.JsonConverter<BigInteger>
    {
        public override BigInteger Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
            => BigInteger.Parse(System.Text.Encoding.UTF8.GetString(reader.ValueSpan), CultureInfo.InvariantCulture);

        public override void Write(Utf8JsonWriter writer, BigInteger value, JsonSerializerOptions options)
            => writer.WriteRawValue(value.ToString(CultureInfo.InvariantCulture));
    }
}
