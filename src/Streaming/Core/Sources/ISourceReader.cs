namespace DataPlatform.Streaming.Sources;

/// <summary>Reads the splits of one subtask.</summary>
/// <typeparam name="T">What it delivers.</typeparam>
/// <remarks>
/// All calls but disposal come from the subtask's mailbox, one at a time, and must not wait: a reader that needs I/O does it on a task of its
/// own, keeps a bounded number of batches ready, and hands them over in <see cref="Read"/>.
/// </remarks>
public interface ISourceReader<T> : IAsyncDisposable
{
    /// <summary>Gives the reader splits to read, from their positions on. Called before the first read, and again when splits appear.</summary>
    /// <param name="splits">The splits; none for a subtask that has nothing to read.</param>
    void AddSplits(IReadOnlyList<SourceSplit> splits);

    /// <summary>Delivers at most about a batch of records.</summary>
    /// <param name="output">Where to.</param>
    ReadStatus Read(ISourceOutput<T> output);

    /// <summary>The splits with the positions behind the last delivered record.</summary>
    IReadOnlyList<SourceSplit> Snapshot();

    /// <summary>Whether <see cref="SetPaused"/> does something. Default false: the reader is then held back as a whole, by not being asked.</summary>
    bool CanPauseSplits => false;

    /// <summary>Holds a split back, or lets it go on. A paused split delivers nothing; its position stays.</summary>
    /// <param name="splitId">The split.</param>
    /// <param name="isPaused">True to hold it back.</param>
    void SetPaused(string splitId, bool isPaused)
    {
    }

    /// <summary>A checkpoint is durable: records before its positions will not be asked for again.</summary>
    /// <param name="checkpointId">The checkpoint.</param>
    void CheckpointCompleted(long checkpointId)
    {
    }
}

/// <summary>Takes the records of a reader.</summary>
/// <typeparam name="T">The records.</typeparam>
public interface ISourceOutput<T>
{
    /// <summary>Delivers records of a split, in order; none to have the watermark looked at again.</summary>
    /// <param name="splitId">The split.</param>
    /// <param name="records">The records; valid during the call only.</param>
    /// <param name="eventTimesMs">Their event times; empty when the watermark strategy takes them from the records.</param>
    void Emit(string splitId, ReadOnlySpan<T> records, ReadOnlySpan<long> eventTimesMs);

    /// <summary>A split has no more records, so it holds nothing back.</summary>
    /// <param name="splitId">The split.</param>
    void FinishSplit(string splitId);
}
