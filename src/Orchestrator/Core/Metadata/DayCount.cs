using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Metadata;

/// <summary>Runs of one day in one state.</summary>
/// <param name="Day">The day of the logical date, UTC.</param>
/// <param name="State">The state.</param>
/// <param name="Count">How many runs.</param>
public readonly record struct DayCount(DateOnly Day, DagRunState State, int Count);
