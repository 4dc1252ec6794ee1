using System.Globalization;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Lakehouse.Snapshots;
using DataPlatform.Quality;
using DataPlatform.Quality.Rules;
using DataPlatform.Samples.FlightDelays.Proof;
using DataPlatform.Web.Charts;
using DataPlatform.Web.Pages;

namespace DataPlatform.Samples.FlightDelays.Reports;

/// <summary>Writes <c>report.html</c>: what the lake says, and how the run went.</summary>
/// <remarks>The report task and the end of the run both write it; the file is replaced whole.</remarks>
public sealed class ReportWriter(string path)
{
    private ReportData? _latest;

    /// <summary>What the gate said last.</summary>
    public SuiteResult? Verdicts { get; set; }

    /// <summary>The ten worst airport-hours of the last report; empty before the first in this process.</summary>
    public IReadOnlyList<WorstHour> Worst => _latest?.Worst ?? [];

    /// <summary>Where the report is.</summary>
    public string Path => path;

    /// <summary>Asks the lake and writes the report.</summary>
    /// <param name="arrivals">The arrivals that the gate let through.</param>
    /// <param name="airportHours">The mart built from them.</param>
    /// <param name="cancellationToken">Stops the queries; the old report stays.</param>
    /// <returns>The ten worst airport-hours.</returns>
    public async Task<IReadOnlyList<WorstHour>> WriteAsync(Snapshot arrivals, Snapshot airportHours, CancellationToken cancellationToken)
    {
        await using var lake = LakeQuery.Open();
        lake.Register("raw_arrivals", arrivals);
        lake.Register("mart", airportHours);
        var data = new ReportData
        {
            Worst = await ReportQueries.WorstHoursAsync(lake.Connection, cancellationToken),
            ByHour = await ReportQueries.MatrixAsync(lake.Connection, byDay: false, cancellationToken),
            ByDay = await ReportQueries.MatrixAsync(lake.Connection, byDay: true, cancellationToken),
            Lateness = await ReportQueries.LatenessAsync(lake.Connection, cancellationToken),
            Verdicts = VerdictRows(),
        };
        _latest = data;
        await SaveAsync(data, cancellationToken);
        return data.Worst;
    }

    /// <summary>Writes the report once more, with the course of the run and its proof.</summary>
    /// <returns>False when no report task has run in this process, so that there is nothing to add to.</returns>
    public async Task<bool> CompleteAsync(
        IReadOnlyList<RunSample> samples, IReadOnlyList<GanttBar> tasks, IReadOnlyList<IReadOnlyList<GridCell>> queues, ProofResult proof, TimeSpan elapsed, CancellationToken cancellationToken)
    {
        if (_latest is not { } latest)
        {
            return false;
        }

        await SaveAsync(latest with { Samples = samples, Tasks = tasks, Queues = queues, Proof = proof, Elapsed = elapsed, Verdicts = VerdictRows() }, cancellationToken);
        return true;
    }

    private async Task SaveAsync(ReportData data, CancellationToken cancellationToken)
    {
        var draft = path + ".tmp";
        await File.WriteAllTextAsync(draft, ReportDocument.Render(data), cancellationToken);
        File.Move(draft, path, overwrite: true);
    }

    private List<IReadOnlyList<GridCell>> VerdictRows()
        => [.. (Verdicts?.Verdicts ?? []).Select(verdict => (IReadOnlyList<GridCell>)
            [
                verdict.Rule,
                verdict.Severity.ToString(),
                new GridCell(verdict.Outcome.ToString(), verdict.Outcome switch
                {
                    Outcome.Pass => ChartTone.Good,
                    _ when verdict.Blocks => ChartTone.Bad,
                    _ => ChartTone.Warn,
                }),
                string.Create(CultureInfo.InvariantCulture, $"{verdict.Observed}"),
            ])];
}
