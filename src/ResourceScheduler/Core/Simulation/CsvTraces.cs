using System.Globalization;
using DataPlatform.ResourceScheduler.Applications;

namespace DataPlatform.ResourceScheduler.Simulation;

/// <summary>Traces that are a table.</summary>
internal static class CsvTraces
{
    private const long BytesPerMap = 128L << 20;
    private const long BytesPerReduce = 1L << 30;
    private const long BytesPerMiB = 1 << 20;
    private const double SecondsPerMiB = 0.1;

    /// <summary>Job id, submit time, gap, input, shuffle and output bytes; tasks follow from the bytes.</summary>
    public static ClusterTrace Swim(string text) => new([.. Rows(text, '\t', skip: 0).Select(SwimJob).OrderBy(job => job.SubmitMs)], []);

    public static ClusterTrace Openb(string pods, string? nodes)
    {
        var hosts = nodes is null ? [] : Rows(nodes, ',', skip: 1).Select(row => new SimulatedNode(
            row.Cells[0], new ResourceVector(Whole(row, 1), Whole(row, 2), 1000 * Whole(row, 3)))
        {
            Properties = new Nodes.NodeProperties
            {
                Attributes = new Dictionary<string,
                string>(StringComparer.Ordinal)
                { ["gpu"] = row.Cells[4] }
            },
        });
        return new ClusterTrace([.. Rows(pods, ',', skip: 1).Select(OpenbJob)], [.. hosts]);
    }

    public static ClusterTrace Gavel(string text) => new(
        [.. Rows(text, ',', skip: 1).Where(row => row.Cells[4].Length > 0).Select(row => GangJob(row, 1000 * Whole(row, 1), Whole(row, 2),
            1000 * Whole(row, 4)))], []);

    public static ClusterTrace Tiresias(string text) => new(
        [.. Rows(text, ',', skip: 1).Select(row => GangJob(row, 1000 * Whole(row, 2), Whole(row, 1), 1000 * Whole(row,
            5))).OrderBy(job => job.SubmitMs)], []);

    private static SimulatedJob SwimJob(Row row)
    {
        var (input, shuffle) = (Whole(row, 3), Whole(row, 4));
        var maps = Math.Max(1, (int)((input + BytesPerMap - 1) / BytesPerMap));
        var stages = new List<SimulatedStage> { new(new ResourceVector(1000, 1024), [TaskMs(input / maps)], maps) };
        if (shuffle > 0)
        {
            var reduces = (int)((shuffle + BytesPerReduce - 1) / BytesPerReduce);
            stages.Add(new SimulatedStage(new ResourceVector(1000, 2048), [TaskMs(shuffle / reduces)], reduces) { After = [0] });
        }

        return new SimulatedJob(row.Cells[0], "root.default", "swim", 1000 * Whole(row, 1), stages);
    }

    private static long TaskMs(long bytes) => 5000 + (long)(1000 * SecondsPerMiB * bytes / BytesPerMiB);

    private static SimulatedJob OpenbJob(Row row)
    {
        var gpus = Whole(row, 3);
        var size = new ResourceVector(Whole(row, 1), Whole(row, 2), gpus == 1 ? Whole(row, 4) : gpus * 1000);
        var hasTimes = row.Cells.Length > 9;
        var submitMs = hasTimes ? 1000 * Whole(row, 8) : row.Number;
        var runMs = hasTimes ? Math.Max(1, 1000 * (Whole(row, 9) - Whole(row, 8))) : long.MaxValue / 4;
        var models = row.Cells.Length > 5 && !double.TryParse(row.Cells[5], CultureInfo.InvariantCulture, out _)
            ? row.Cells[5].Split('|', StringSplitOptions.RemoveEmptyEntries) : [];
        return new SimulatedJob(row.Cells[0], "root.default", "openb", submitMs,
        [
            new SimulatedStage(size, [runMs], 1)
            {
                Attributes = models.Length == 0 ? [] : [new AttributeRule("gpu", AttributeComparison.In, models)],
            },
        ]);
    }

    private static SimulatedJob GangJob(Row row, long submitMs, long gpus, long runMs) => new(
        $"job{row.Cells[0]}", "root.default", "training", submitMs,
        [new SimulatedStage(new ResourceVector(4000, 16_384, 1000), [Math.Max(1, runMs)], (int)gpus) { IsGang = true }]);

    private static IEnumerable<Row> Rows(string text, char separator, int skip)
    {
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            if (number > skip && !string.IsNullOrWhiteSpace(line))
            {
                yield return new Row(number, line.TrimEnd('\r').Split(separator));
            }
        }
    }

    private static long Whole(Row row, int cell)
        => cell < row.Cells.Length && double.TryParse(row.Cells[cell], CultureInfo.InvariantCulture, out var value)
            ? (long)value
            : throw SchedulerException.Invalid($"Line {row.Number} of the trace has no number in column {cell + 1}: '{string.Join(' ', row.Cells)}'.");

    private readonly record struct Row(int Number, string[] Cells);
}
