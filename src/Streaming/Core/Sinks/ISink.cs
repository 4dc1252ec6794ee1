namespace DataPlatform.Streaming.Sinks;

/// <summary>A two-phase-commit sink: the job owns when something is committed, the sink owns what that means.</summary>
/// <typeparam name="T">What is written.</typeparam>
/// <remarks>
/// Writers prepare, one committer commits. What a writer prepares for checkpoint n is stored in that checkpoint and handed to the committer
/// once the checkpoint is durable, so that a crash between the two repeats the commit and never loses it.
/// </remarks>
public interface ISink<T>
{
    /// <summary>Opens the writer of one subtask; called once per subtask and attempt.</summary>
    /// <param name="context">Who writes.</param>
    ISinkWriter<T> CreateWriter(SinkWriterContext context);

    /// <summary>Opens the committer of the sink; called once per attempt of the job. It gets the committables of all subtasks together.</summary>
    /// <param name="context">Who commits.</param>
    ISinkCommitter CreateCommitter(SinkCommitterContext context);
}
