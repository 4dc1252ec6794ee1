namespace DataPlatform.Streaming.Sources;

/// <summary>A part of a source that is read in order, with a position in it.</summary>
/// <param name="Id">Its name, stable over the life of the job.</param>
/// <param name="Position">Where reading goes on, in bytes that only the source understands.</param>
/// <param name="IsFinished">Whether it has been read to its end, so that a restored job does not read it again.</param>
public sealed record SourceSplit(string Id, ReadOnlyMemory<byte> Position, bool IsFinished = false);

/// <summary>Tells a source reader who it is.</summary>
/// <param name="JobName">The job.</param>
/// <param name="SourceUid">The source's uid.</param>
/// <param name="SubtaskIndex">Which of the source's subtasks, from 0.</param>
/// <param name="Parallelism">How many subtasks the source has.</param>
/// <param name="Attempt">Which attempt of the job this is, from 1.</param>
/// <param name="BatchSize">How many records the job likes to take at once.</param>
/// <param name="Time">The job's clock.</param>
/// <param name="DataAvailable">To be called, from any thread, when a reader that was waiting has something to read.</param>
public sealed record SourceReaderContext(
    string JobName, string SourceUid, int SubtaskIndex, int Parallelism, int Attempt, int BatchSize, TimeProvider Time, Action DataAvailable);

/// <summary>What a reader can do next.</summary>
public enum ReadStatus
{
    /// <summary>There may be more at once: ask again.</summary>
    More,

    /// <summary>Nothing now; the reader will call <see cref="SourceReaderContext.DataAvailable"/>.</summary>
    Waiting,

    /// <summary>All splits are at their end; a bounded source is done.</summary>
    Finished,
}
