using System.Text.Json;
using DataPlatform.Kernel;

namespace DataPlatform.Orchestrator.Execution;

/// <summary>What a try told of its lineage as text between processes.</summary>
public static class LineageText
{
    /// <summary>Writes a report; null for an empty one.</summary>
    /// <param name="report">The report.</param>
    public static string? Write(LineageReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return report.IsEmpty ? null : JsonSerializer.Serialize(
            new ReportText(Written(report.Inputs), Written(report.Outputs), [.. report.Steps.Select(Written)]), JsonSerializerOptions.Web);
    }

    /// <summary>Reads a report.</summary>
    /// <param name="text">What was written; null for an empty one.</param>
    /// <exception cref="JsonException">It is no report.</exception>
    /// <exception cref="ArgumentException">It names what is no dataset.</exception>
    public static LineageReport Read(string? text)
    {
        if (text is null)
        {
            return LineageReport.Empty;
        }

        var report = JsonSerializer.Deserialize<ReportText>(text, JsonSerializerOptions.Web)!;
        return new LineageReport(Read(report.Inputs), Read(report.Outputs), [.. report.Steps.Select(Read)]);
    }

    private static DatasetText[] Written(IReadOnlyList<LineageDataset> datasets) =>
        [.. datasets.Select(dataset => new DatasetText(dataset.Dataset.Name, dataset.Version, dataset.Alias, dataset.Fields))];

    private static StepText Written(LineageStep step) => new(
        Written(step.Inputs),
        Written(step.Outputs),
        step.Sql,
        step.Columns?.Select(column => new ColumnText(
            column.Output.Name, column.Column, [.. column.Inputs.Select(input => new SourceText(input.Dataset.Name, input.Column))])).ToArray());

    private static LineageDataset[] Read(DatasetText[] datasets) =>
    [
        .. datasets.Select(dataset => new LineageDataset(new DatasetId(dataset.Name), dataset.Version)
        {
            Alias = dataset.Alias,
            Fields = dataset.Fields,
        }),
    ];

    private static LineageStep Read(StepText step) => new(
        Read(step.Inputs),
        Read(step.Outputs),
        step.Sql,
        step.Columns?.Select(column => new LineageColumn(
            new DatasetId(column.Output), column.Column, [.. column.Inputs.Select(input => new LineageSource(new DatasetId(input.Dataset), input.Column))]))
            .ToArray());

    private sealed record ReportText(DatasetText[] Inputs, DatasetText[] Outputs, StepText[] Steps);

    private sealed record DatasetText(string Name, long? Version, string? Alias, IReadOnlyList<LineageField>? Fields);

    private sealed record StepText(DatasetText[] Inputs, DatasetText[] Outputs, string? Sql, ColumnText[]? Columns);

    private sealed record ColumnText(string Output, string Column, SourceText[] Inputs);

    private sealed record SourceText(string Dataset, string Column);
}
