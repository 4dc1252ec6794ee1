namespace DataPlatform.Samples.FlightDelays.Display;

/// <summary>One stage of the pipeline as the display shows it.</summary>
/// <param name="Name">The stage.</param>
/// <param name="Rate">What it does per second.</param>
/// <param name="Position">How far it is.</param>
/// <param name="Detail">What else is worth a look: lateness, versions, waits.</param>
public readonly record struct StageProgress(string Name, string Rate, string Position, string Detail);

/// <summary>Shows how a run goes on.</summary>
/// <remarks>Disposing it ends the moving picture; what is said afterwards goes below the last one.</remarks>
public interface IProgressDisplay : IAsyncDisposable
{
    /// <summary>Says something once.</summary>
    void Say(string line);

    /// <summary>Shows the stages as they are now.</summary>
    /// <param name="elapsed">Since the run began.</param>
    /// <param name="stages">All stages, in the order of the data.</param>
    void Show(TimeSpan elapsed, IReadOnlyList<StageProgress> stages);
}
