using DataPlatform.Kernel.Feeds;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Quality.Anomalies;
using DataPlatform.Quality.Profiles;
using Microsoft.Extensions.Logging;

namespace DataPlatform.Quality.TableChecks;

/// <summary>Settings and services of a <see cref="TableGate"/>.</summary>
public sealed record TableGateOptions
{
    /// <summary>Where results are kept; nowhere when null.</summary>
    public IQualityStore? Store { get; init; }

    /// <summary>Where the gate says what it read; nowhere when null.</summary>
    public IDatasetFeed? Feed { get; init; }

    /// <summary>
    /// Where states of data files are kept: a check then reads only files that are new since an earlier one. Null has every check read the whole
    /// version.
    /// </summary>
    public IPartitionStateStore? States { get; init; }

    /// <summary>References of distribution rules; none when null.</summary>
    public DistributionStore? Distributions { get; init; }

    /// <summary>The day or instant that the data is about, see <see cref="QualityTarget.At"/>; null takes when it was committed.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>Sample sizes, the store of series and the width of scans.</summary>
    public QualityRunnerOptions Runner { get; init; } = new();

    /// <summary>Memory and threads of the queries.</summary>
    public LakeQueryOptions Query { get; init; } = new();

    /// <summary>Whether a critical rule without data closes the gate too. Off unless said otherwise: that a table is empty is the row count rule's finding.</summary>
    public bool StopsOnNoData { get; init; }

    /// <summary>The clock; the system's when null.</summary>
    public TimeProvider? Time { get; init; }

    /// <summary>Where runs are logged; nowhere when null.</summary>
    public ILogger<QualityRunner>? Logger { get; init; }
}
