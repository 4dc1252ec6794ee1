using System.CommandLine;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Quality;
using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.DuckDb;
using DataPlatform.Quality.Profiles;
using DataPlatform.Quality.Sqlite;
using DataPlatform.Quality.TableChecks;

namespace DataPlatform.Tools.Cli.Suites;

/// <summary>The switches of <c>dp quality run</c>, and the run they make.</summary>
internal sealed record RunSettings
{
    private const string Database = ".db";

    private static readonly Option<string[]> ReferenceOption = new("--reference") { Description = "A table that rules refer to, as name=path; may be given again." };
    private static readonly Option<string?> StoreOption = new("--store") { Description = "A SQLite file that keeps the result, for history, pages and alerts." };
    private static readonly Option<int?> SampleOption = new("--sample") { Description = "Judge by so many rows, drawn one by one (1,000 to 10,000,000); rules that no sample can judge are errors." };
    private static readonly Option<double?> ConfidenceOption = new("--confidence") { Description = "With --sample: the share of intervals that hold the true value, 0.5 to below 1; 0.99 unless said otherwise." };
    private static readonly Option<bool> WholeOption = new("--whole-where-unsound") { Description = "With --sample: rules that no sample can judge read all rows." };
    private static readonly Option<string?> StatesOption = new("--states") { Description = "A folder, or a SQLite file ending in .db, that keeps what data files say: only new ones are read. Delta tables only." };
    private static readonly Option<long?> PreviousOption = new("--previous") { Description = "The version that rules know as 'previous'. Delta tables only." };
    private static readonly Option<string?> SeriesOption = new("--series") { Description = "A SQLite file that keeps measured values over time, for rules on anomalies; the --store unless said otherwise." };
    private static readonly Option<string?> BaselinesOption = new("--baselines") { Description = "A folder with the references of distribution rules ('dp quality baseline') and the columns of the past." };
    private static readonly Option<DateTimeOffset?> AtOption = Instants.Option("--at", "The day or instant the data is about, UTC unless it names a zone; a run of the same one takes its place in series.");

    /// <summary>The file that keeps the result; null for none.</summary>
    public string? Store { get; private init; }

    private string[] References { get; init; } = [];

    private string? States { get; init; }

    private long? Previous { get; init; }

    private string? Baselines { get; init; }

    private DateTimeOffset? At { get; init; }

    private QualityRunnerOptions Runner { get; init; } = new();

    /// <summary>Gives a command the switches.</summary>
    public static void AddTo(Command command)
    {
        foreach (var option in (Option[])[ReferenceOption, StoreOption, StatesOption, PreviousOption, SampleOption, ConfidenceOption, WholeOption, SeriesOption, BaselinesOption, AtOption])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Reads the switches.</summary>
    /// <exception cref="ArgumentException">Two of them do not go together, or one is out of range.</exception>
    public static RunSettings Of(ParseResult parsed)
    {
        var sample = parsed.GetValue(SampleOption);
        if (sample is null && (parsed.GetValue(ConfidenceOption) is not null || parsed.GetValue(WholeOption)))
        {
            throw new ArgumentException("--confidence and --whole-where-unsound say how to judge by a sample; give --sample ROWS too.");
        }

        if (sample is not null && parsed.GetValue(StatesOption) is not null)
        {
            throw new ArgumentException("--states reads every row of new files once and --sample reads a few of all; give one of them.");
        }

        var series = parsed.GetValue(SeriesOption) ?? parsed.GetValue(StoreOption);
        var baselines = parsed.GetValue(BaselinesOption);
        return new RunSettings
        {
            Store = parsed.GetValue(StoreOption),
            References = parsed.GetValue(ReferenceOption) ?? [],
            States = parsed.GetValue(StatesOption),
            Previous = parsed.GetValue(PreviousOption),
            Baselines = baselines,
            At = parsed.GetValue(AtOption),
            Runner = new QualityRunnerOptions
            {
                Sample = sample is not { } rows ? null : new SamplingOptions
                {
                    Rows = rows,
                    Confidence = parsed.GetValue(ConfidenceOption) ?? new SamplingOptions().Confidence,
                    WholeWhereUnsound = parsed.GetValue(WholeOption),
                },
                Series = series is null ? null : new SqliteSeriesStore(QualityDatabase.Open(series)),
                Shapes = baselines is null ? null : new ShapeHistory(new LocalObjectStore(baselines)),
            },
        };
    }

    /// <summary>Runs a suite.</summary>
    /// <param name="suite">The suite.</param>
    /// <param name="path">The table.</param>
    /// <param name="cancellationToken">Stops the running query.</param>
    public Task<SuiteResult> RunAsync(QualitySuite suite, string path, CancellationToken cancellationToken)
        => File.Exists(path) ? OverFileAsync(suite, path, cancellationToken) : OverTableAsync(suite, path, cancellationToken);

    private async Task<SuiteResult> OverFileAsync(QualitySuite suite, string path, CancellationToken cancellationToken)
    {
        if (States is not null || Previous is not null)
        {
            throw new ArgumentException($"--states and --previous need a Delta table, whose log tells files and versions; '{path}' is a file.");
        }

        await using var table = await CheckedTable.OpenAsync(suite.Table, path, References, cancellationToken);
        var target = new QualityTarget(suite.Table, table.Version)
        {
            At = At,
            Distributions = Baselines is { } folder
                ? await new DistributionStore(new LocalObjectStore(folder)).AllAsync(suite.Table, cancellationToken)
                : new Dictionary<string, DistributionReference>(),
        };
        return await new DuckDbQualityRunner(table.Connection, Runner).RunAsync(suite, target, cancellationToken);
    }

    private async Task<SuiteResult> OverTableAsync(QualitySuite suite, string path, CancellationToken cancellationToken)
    {
        var table = await CheckedTable.OpenDeltaAsync(path, cancellationToken);
        var gate = new TableGate(suite, new TableGateOptions
        {
            Runner = Runner,
            At = At,
            States = States is { } states ? StatesAt(states) : null,
            Distributions = Baselines is { } folder ? new DistributionStore(new LocalObjectStore(folder)) : null,
        });
        foreach (var reference in References)
        {
            var at = reference.IndexOf('=', StringComparison.Ordinal);
            var (name, place) = at < 1 ? throw new ArgumentException($"--reference takes name=path, not '{reference}'.") : (reference[..at], reference[(at + 1)..]);
            _ = File.Exists(place) ? gate.ReferenceCsv(name, place) : gate.Reference(name, (await CheckedTable.OpenDeltaAsync(place, cancellationToken)).Snapshot);
        }

        if (Previous is { } version)
        {
            gate.Previous(await table.SnapshotAtAsync(version, cancellationToken));
        }

        return await gate.CheckAsync(table.Snapshot, cancellationToken);
    }

    private static IPartitionStateStore StatesAt(string path) => path.EndsWith(Database, StringComparison.OrdinalIgnoreCase)
        ? new SqlitePartitionStateStore(QualityDatabase.Open(path))
        : File.Exists(path)
            ? throw new QualityException(ErrorKind.Invalid, $"'{path}' is a file; --states takes a folder, or a SQLite file whose name ends in {Database}.")
            : new PartitionStateStore(new LocalObjectStore(path));
}
