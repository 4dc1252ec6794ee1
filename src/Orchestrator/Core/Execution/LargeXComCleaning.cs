namespace DataPlatform.Orchestrator.Execution;

/// <summary>What <see cref="LargeXComs.CleanAsync"/> found.</summary>
/// <param name="Kept">Objects that are referenced, or too young to tell.</param>
/// <param name="Deleted">Objects that nobody refers to any more, removed.</param>
/// <param name="BytesDeleted">Their bytes.</param>
public readonly record struct LargeXComCleaning(int Kept, int Deleted, long BytesDeleted);
