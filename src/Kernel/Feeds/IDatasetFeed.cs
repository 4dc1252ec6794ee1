namespace DataPlatform.Kernel.Feeds;

/// <summary>Where engines announce dataset versions and lineage, and where others listen, so that cores meet without references.</summary>
/// <remarks>
/// The feed is a hint and the latest committed version the truth: an announcement may be merged with a newer one of the same dataset, and a
/// listener that was away asks the table for its latest version and compares. Implementations are thread-safe.
/// </remarks>
public interface IDatasetFeed
{
    /// <summary>Announces a committed version. Never blocks on listeners.</summary>
    /// <param name="version">The version, already durable.</param>
    /// <param name="changesData">
    /// False for a version of the same data as the one before: compaction, clean-up, another description. It is only for who asks for the
    /// <see cref="Latest"/>; who follows is not told, so that upkeep starts nothing.
    /// </param>
    void Publish(DatasetVersion version, bool changesData = true);

    /// <summary>Announces what a run read and wrote. Never blocks on listeners.</summary>
    /// <param name="lineage">The event.</param>
    void Publish(LineageEvent lineage);

    /// <summary>The newest version announced for a dataset, of whatever kind, or null when none was since the feed was made.</summary>
    /// <param name="dataset">The dataset.</param>
    DatasetVersion? Latest(DatasetId dataset);

    /// <summary>The newest version announced for a dataset that changed its data, or null when none was since the feed was made.</summary>
    /// <param name="dataset">The dataset.</param>
    DatasetVersion? LatestData(DatasetId dataset);

    /// <summary>Follows versions that changed data: first the newest of each dataset announced so far, then each later one.</summary>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <returns>Versions; those of one dataset in growing order, intermediate ones dropped when the listener is slow.</returns>
    IAsyncEnumerable<DatasetVersion> FollowVersionsAsync(CancellationToken cancellationToken = default);

    /// <summary>Follows lineage events published from now on.</summary>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <returns>Events in order of publication; the oldest are dropped when the listener lags by more than the feed's bound.</returns>
    IAsyncEnumerable<LineageEvent> FollowLineageAsync(CancellationToken cancellationToken = default);
}
