using DataPlatform.Orchestrator.Metadata;

namespace DataPlatform.Orchestrator.Runs;

/// <summary>
/// Updates of datasets that have no versions of their own: the success of a task with such an outlet. They are numbered by their instant, in
/// microseconds since 1970, so that they grow whoever made them and one that is told twice is the same.
/// </summary>
/// <remarks>A version that a table gives out is below <see cref="VersionMin"/>, an instant above it.</remarks>
public static class DatasetUpdate
{
    /// <summary>The smallest number of an update: an instant in March 1973, more commits than any table has.</summary>
    public const long VersionMin = 100_000_000_000_000;

    /// <summary>Whether a number stands for an update and not for a version of the dataset.</summary>
    /// <param name="version">The number, as in <see cref="DatasetChange.Version"/>.</param>
    public static bool Is(long version) => version >= VersionMin;

    /// <summary>When the update was.</summary>
    /// <param name="version">The number of an update.</param>
    public static DateTimeOffset InstantOf(long version) => Micros.From(version);

    /// <summary>The number of an update.</summary>
    /// <param name="at">When it was.</param>
    public static long VersionOf(DateTimeOffset at) => Math.Max(VersionMin, Micros.Of(at));
}
