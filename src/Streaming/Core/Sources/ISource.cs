namespace DataPlatform.Streaming.Sources;

/// <summary>A replayable source: splits that can be read again from any position they were at.</summary>
/// <typeparam name="T">What it delivers.</typeparam>
public interface ISource<T>
{
    /// <summary>
    /// The splits as they are when nothing has been read. A split found in a checkpoint keeps the position stored there; others begin here.
    /// </summary>
    /// <param name="cancellationToken">Stops the look.</param>
    ValueTask<IReadOnlyList<SourceSplit>> ListSplitsAsync(CancellationToken cancellationToken);

    /// <summary>Opens the reader of one subtask; called once per subtask and attempt.</summary>
    /// <param name="context">Who reads.</param>
    ISourceReader<T> CreateReader(SourceReaderContext context);
}
