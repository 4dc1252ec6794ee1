using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Metadata;

/// <summary>An update of a dataset by a success of a task.</summary>
/// <param name="Version">The dataset with its version, or with the number of the update where none is known (<see cref="DatasetUpdate"/>).</param>
/// <param name="At">When the success was.</param>
public readonly record struct StoredUpdate(DatasetVersion Version, DateTimeOffset At);
