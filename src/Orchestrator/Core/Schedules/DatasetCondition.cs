using DataPlatform.Kernel;

namespace DataPlatform.Orchestrator.Schedules;

/// <summary>Which datasets start a DAG. A dataset counts when it has a version that no run of the DAG consumed. Closed.</summary>
public abstract record DatasetCondition
{
    private DatasetCondition()
    {
    }

    /// <summary>One dataset has news.</summary>
    /// <param name="dataset">The dataset.</param>
    public static DatasetCondition On(DatasetId dataset) => new One(dataset);

    /// <summary>Every part holds: each was updated at least once since the last run.</summary>
    /// <param name="parts">One or more.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static DatasetCondition All(params DatasetCondition[] parts) => Some(parts).Length == 1 ? parts[0] : new Every([.. parts]);

    /// <summary>One part holds.</summary>
    /// <param name="parts">One or more.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static DatasetCondition Any(params DatasetCondition[] parts) => Some(parts).Length == 1 ? parts[0] : new Either([.. parts]);

    private static DatasetCondition[] Some(DatasetCondition[] parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return parts.Length > 0 ? parts : throw new ArgumentException("A condition names one dataset or more.", nameof(parts));
    }

    /// <summary>Whether it holds.</summary>
    /// <param name="hasNews">Whether a dataset has a version not yet consumed.</param>
    public abstract bool Holds(Func<DatasetId, bool> hasNews);

    /// <summary>The datasets it names, each once, in order of mention.</summary>
    public abstract IReadOnlyList<DatasetId> Datasets { get; }

    private sealed record One(DatasetId Dataset) : DatasetCondition
    {
        public override IReadOnlyList<DatasetId> Datasets { get; } = [Dataset];

        public override bool Holds(Func<DatasetId, bool> hasNews) => hasNews(Dataset);

        public override string ToString() => Dataset.Name;
    }

    private sealed record Every(IReadOnlyList<DatasetCondition> Parts) : DatasetCondition
    {
        public override IReadOnlyList<DatasetId> Datasets { get; } = [.. Parts.SelectMany(part => part.Datasets).Distinct()];

        public override bool Holds(Func<DatasetId, bool> hasNews) => Parts.All(part => part.Holds(hasNews));

        public override string ToString() => "(" + string.Join(" and ", Parts) + ")";
    }

    private sealed record Either(IReadOnlyList<DatasetCondition> Parts) : DatasetCondition
    {
        public override IReadOnlyList<DatasetId> Datasets { get; } = [.. Parts.SelectMany(part => part.Datasets).Distinct()];

        public override bool Holds(Func<DatasetId, bool> hasNews) => Parts.Any(part => part.Holds(hasNews));

        public override string ToString() => "(" + string.Join(" or ", Parts) + ")";
    }
}
