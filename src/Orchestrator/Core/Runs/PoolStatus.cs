namespace DataPlatform.Orchestrator.Runs;

/// <summary>A pool at one moment.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Slots">Slots in all.</param>
/// <param name="Used">Slots that tasks hold.</param>
/// <param name="Waiting">Ready tasks that want slots of it.</param>
public sealed record PoolStatus(string Name, int Slots, int Used, int Waiting)
{
    /// <summary>Whether it is one of the engine's configuration, so that it cannot be deleted.</summary>
    public bool IsConfigured { get; init; }

    /// <summary>What it is for; null where nobody said so.</summary>
    public string? Description { get; init; }

    /// <summary>Slots that are free; less than none after a pool was made smaller.</summary>
    public int Free => Slots - Used;
}
