using System.Globalization;
using System.Text.Json;

namespace DataPlatform.Benchmarks;

/// <summary>One figure of a suite. A figure with a reference was measured beside it in the same run.</summary>
/// <param name="Bench">The suite.</param>
/// <param name="Case">What was measured.</param>
/// <param name="Value">The figure.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="ReferenceName">What it is held against.</param>
/// <param name="Reference">The reference's figure, in the same unit.</param>
internal sealed record Figure(string Bench, string Case, double Value, string Unit, string? ReferenceName = null, double? Reference = null)
{
    /// <summary>Value divided by reference.</summary>
    public double? Ratio => Reference is > 0 ? Value / Reference : null;
}

/// <summary>Writes figures as a table for people or as one JSON object a line for machines.</summary>
internal sealed class BenchmarkReport(TextWriter output, bool json)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Whether a machine reads the output: then nothing but JSON lines may be written.</summary>
    public bool Json => json;

    /// <summary>Adds a figure.</summary>
    public void Add(Figure figure)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(figure, Options));
            return;
        }

        var reference = figure.Reference is { } value
            ? string.Create(CultureInfo.InvariantCulture, $"  {figure.ReferenceName} {Round(value)}  ratio {figure.Ratio:0.00}")
            : string.Empty;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{figure.Bench,-12} {figure.Case,-56} {Round(figure.Value),14} {figure.Unit,-10}{reference}"));
    }

    /// <summary>Adds a row with the suite's own shape, as one JSON object a line or as the given text.</summary>
    public void AddRow(object row, string text)
        => output.WriteLine(json ? JsonSerializer.Serialize(row, Options) : text);

    private static string Round(double value) => Math.Abs(value) switch
    {
        >= 100 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 1 => value.ToString("N2", CultureInfo.InvariantCulture),
        _ => value.ToString("0.0000", CultureInfo.InvariantCulture),
    };
}
