namespace DataPlatform.ResourceScheduler.Simulation;

/// <summary>How far a simulation is.</summary>
/// <param name="TimeMs">Virtual time.</param>
/// <param name="Finished">Jobs that finished.</param>
/// <param name="Jobs">Jobs of the trace.</param>
public readonly record struct SimulationProgress(long TimeMs, int Finished, int Jobs);
