namespace DataPlatform.ResourceScheduler.Diagnostics;

/// <summary>Waits from ask to placement.</summary>
/// <param name="Count">Containers placed.</param>
/// <param name="Total">The sum of their waits.</param>
/// <param name="Max">The longest wait.</param>
public readonly record struct WaitStatistics(long Count, TimeSpan Total, TimeSpan Max)
{
    /// <summary>The mean wait; zero when nothing was placed.</summary>
    public TimeSpan Mean => Count == 0 ? TimeSpan.Zero : Total / Count;
}
