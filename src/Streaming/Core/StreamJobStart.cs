namespace DataPlatform.Streaming;

/// <summary>Where a job begins. Default: at the newest complete checkpoint in its store, or with nothing where there is none.</summary>
public sealed record StreamJobStart
{
    /// <summary>
    /// The savepoint to begin from; null for none. Its files stay the user's: the job copies what it needs into its own checkpoints. Output that was
    /// committed after the savepoint was taken is brought forth again.
    /// </summary>
    public string? Savepoint { get; init; }

    /// <summary>The retained checkpoint to begin from, where it shall not be the newest, for example because that one is damaged; null for the newest.</summary>
    public long? CheckpointId { get; init; }
}
