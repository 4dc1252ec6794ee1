namespace DataPlatform.Kernel;

/// <summary>Gathers what a run of a job reads and writes while it goes on.</summary>
/// <remarks>
/// Thread-safe. Whoever runs the job's code enters it, and engines that the code calls find it as <see cref="Current"/>: a commit to a table can so
/// be told under the name of the task that made it, without either knowing the other. Bounded: beyond its limits it takes no more and
/// says so by <see cref="IsCut"/>; lineage never fails a run.
/// </remarks>
/// <param name="job">The job, as in <see cref="LineageEvent.Job"/>.</param>
/// <param name="runId">The run, as in <see cref="LineageEvent.RunId"/>.</param>
public sealed class LineageRun(string job, string runId)
{
    /// <summary>Steps that one run may tell.</summary>
    public const int StepsMax = 256;

    /// <summary>Datasets that one run may tell in each direction, and one step too.</summary>
    public const int DatasetsMax = 256;

    /// <summary>Characters of SQL that one run may tell in all.</summary>
    public const int SqlCharsMax = 256 * 1024;

    /// <summary>Columns with their sources that one run may tell in all.</summary>
    public const int ColumnsMax = 10_000;

    private static readonly AsyncLocal<LineageRun?> Ambient = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<DatasetId, LineageDataset> _inputs = [];
    private readonly Dictionary<DatasetId, LineageDataset> _outputs = [];
    private readonly List<LineageStep> _steps = [];
    private int _sqlChars;
    private int _columns;

    /// <summary>The run that the calling code works for; null where none was entered. Flows with the execution context.</summary>
    public static LineageRun? Current => Ambient.Value;

    /// <summary>The job.</summary>
    public string Job { get; } = job;

    /// <summary>The run.</summary>
    public string RunId { get; } = runId;

    /// <summary>Whether something was left out because there was too much.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Makes it <see cref="Current"/> for the calling flow until what is returned is disposed.</summary>
    public IDisposable Enter()
    {
        var before = Ambient.Value;
        Ambient.Value = this;
        return new Visit(before);
    }

    /// <summary>Says that a dataset was read.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="version">The version read; null where none is known.</param>
    /// <returns>False when there was too much already.</returns>
    public bool Read(DatasetId dataset, long? version = null) => Take(_inputs, [new LineageDataset(dataset, version)]);

    /// <summary>Says that a dataset was written.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="version">The version that the write made; null where none is known.</param>
    /// <returns>False when there was too much already.</returns>
    public bool Wrote(DatasetId dataset, long? version = null) => Take(_outputs, [new LineageDataset(dataset, version)]);

    /// <summary>Says what a statement, a load or a commit did.</summary>
    /// <param name="step">The step; what it reads and writes counts for the run.</param>
    /// <returns>False when there was too much already, and nothing of it was taken.</returns>
    public bool Add(LineageStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var columns = (step.Columns ?? []).Sum(column => 1 + column.Inputs.Count) + step.Inputs.Concat(step.Outputs).Sum(dataset => dataset.Fields?.Count ?? 0);
        lock (_gate)
        {
            if (_steps.Count == StepsMax || _sqlChars + (step.Sql?.Length ?? 0) > SqlCharsMax || _columns + columns > ColumnsMax
                || !HasRoom(_inputs, step.Inputs) || !HasRoom(_outputs, step.Outputs))
            {
                IsCut = true;
                return false;
            }

            _sqlChars += step.Sql?.Length ?? 0;
            _columns += columns;
            _steps.Add(step);
            Put(_inputs, step.Inputs);
            Put(_outputs, step.Outputs);
            return true;
        }
    }

    /// <summary>What was told so far.</summary>
    public LineageReport Report()
    {
        lock (_gate)
        {
            return _steps.Count + _inputs.Count + _outputs.Count == 0
                ? LineageReport.Empty
                : new LineageReport([.. _inputs.Values], [.. _outputs.Values], [.. _steps]);
        }
    }

    private bool Take(Dictionary<DatasetId, LineageDataset> known, IReadOnlyList<LineageDataset> more)
    {
        lock (_gate)
        {
            if (!HasRoom(known, more))
            {
                IsCut = true;
                return false;
            }

            Put(known, more);
            return true;
        }
    }

    private static bool HasRoom(Dictionary<DatasetId, LineageDataset> known, IReadOnlyList<LineageDataset> more)
        => more.Count <= DatasetsMax && known.Count + more.Count(dataset => !known.ContainsKey(dataset.Dataset)) <= DatasetsMax;

    private static void Put(Dictionary<DatasetId, LineageDataset> known, IReadOnlyList<LineageDataset> more)
    {
        foreach (var dataset in more)
        {
            // Names and columns are of the statement that used them; the run has only the dataset.
            long? before = known.TryGetValue(dataset.Dataset, out var old) ? old.Version : null;
            known[dataset.Dataset] = new LineageDataset(dataset.Dataset, before > dataset.Version ? before : dataset.Version ?? before);
        }
    }

    private sealed class Visit(LineageRun? before) : IDisposable
    {
        public void Dispose() => Ambient.Value = before;
    }
}
