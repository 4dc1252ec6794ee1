namespace DataPlatform.Lakehouse.DeltaStreams;

/// <summary>How a stream's records become files and commits.</summary>
public sealed record DeltaSinkOptions
{
    /// <summary>
    /// Records that one subtask gathers for one partition before it begins writing them, ahead of the barrier. Default 250,000.
    /// </summary>
    public int FileRecordsMax { get; init; } = 250_000;

    /// <summary>How often one commit begins again after another writer changed the table under it. Default 10.</summary>
    public int CommitAttemptsMax { get; init; } = 10;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(FileRecordsMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(CommitAttemptsMax, 1);
    }
}
