namespace DataPlatform.ResourceScheduler;

/// <summary>What a container does.</summary>
public abstract record ContainerWork
{
    private ContainerWork()
    {
    }

    /// <summary>Code of this process.</summary>
    /// <param name="RunAsync">The work; its token is cancelled when the container is to stop.</param>
    public sealed record Code(Func<ContainerContext, CancellationToken, ValueTask> RunAsync) : ContainerWork;

    /// <summary>A program of its own.</summary>
    /// <param name="FileName">The program, by path or as found on the PATH.</param>
    /// <param name="Arguments">Its arguments, passed as they are.</param>
    public sealed record Command(string FileName, IReadOnlyList<string> Arguments) : ContainerWork
    {
        /// <summary>Variables set on top of a minimal environment.</summary>
        public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
    }
}
