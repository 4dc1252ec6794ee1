using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Metadata;

/// <summary>A dataset that successes of tasks updated: its newest version and its newest update without one, each null where there was none.</summary>
internal readonly record struct UpdatedDataset(long? Version, long? Instant, DateTimeOffset At)
{
    /// <summary>A dataset that has had a version is counted by versions.</summary>
    public long Newest => Version ?? Instant ?? -1;

    public UpdatedDataset With(long number, DateTimeOffset at) => DatasetUpdate.Is(number)
        ? this with { Instant = Math.Max(Instant ?? number, number), At = at > At ? at : At }
        : this with { Version = Math.Max(Version ?? number, number), At = at > At ? at : At };

    /// <summary>Of several updates of one dataset what counts.</summary>
    public static IReadOnlyList<(string Dataset, UpdatedDataset Update)> Of(StoreBatch batch) =>
    [
        .. batch.Updates.GroupBy(update => update.Version.Dataset.Name, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => (group.Key, group.Aggregate(default(UpdatedDataset), (known, update) => known.With(update.Version.Version, update.At)))),
    ];
}
