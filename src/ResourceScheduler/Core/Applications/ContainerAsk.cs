namespace DataPlatform.ResourceScheduler.Applications;

/// <summary>A number of equal containers an application asks for.</summary>
/// <param name="Resources">What each container needs.</param>
/// <param name="Count">How many, at least 1.</param>
public sealed record ContainerAsk(ResourceVector Resources, int Count = 1)
{
    /// <summary>Higher is served first among the asks of one application. Default 0.</summary>
    public int Priority { get; init; }
}
