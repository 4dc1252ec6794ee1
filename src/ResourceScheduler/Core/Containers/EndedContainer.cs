namespace DataPlatform.ResourceScheduler.Containers;

/// <summary>A container that ended, as its node reports it.</summary>
/// <param name="ContainerId">The container.</param>
/// <param name="Outcome">How it ended.</param>
public readonly record struct EndedContainer(long ContainerId, ContainerOutcome Outcome);
