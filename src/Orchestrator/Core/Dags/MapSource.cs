namespace DataPlatform.Orchestrator.Dags;

/// <summary>The lists a mapped task runs over: return values of upstream tasks.</summary>
/// <param name="Kind">How several lists become one.</param>
/// <param name="TaskIds">The tasks whose return value is a list; a mapped task gives the list of its instances' values.</param>
public sealed record MapSource(MapKind Kind, IReadOnlyList<string> TaskIds)
{
    /// <summary>One instance for each element of a list.</summary>
    /// <param name="taskId">The task that returns it.</param>
    public static MapSource Over(string taskId) => new(MapKind.Concat, [taskId]);

    /// <summary>One instance for each combination; an item is an array of one element of each list. The last list turns fastest.</summary>
    /// <param name="taskIds">Two or more.</param>
    public static MapSource Product(params string[] taskIds) => new(MapKind.Product, [.. taskIds]);

    /// <summary>One instance for each position, as many as the shortest list has; an item is an array of one element of each
    /// list.</summary>
    /// <param name="taskIds">Two or more.</param>
    public static MapSource Zip(params string[] taskIds) => new(MapKind.Zip, [.. taskIds]);

    /// <summary>One instance for each element of each list, one list after the other.</summary>
    /// <param name="taskIds">Two or more.</param>
    public static MapSource Concat(params string[] taskIds) => new(MapKind.Concat, [.. taskIds]);
}

/// <summary>How several lists become one.</summary>
public enum MapKind
{
    /// <summary>One after the other.</summary>
    Concat,

    /// <summary>All combinations.</summary>
    Product,

    /// <summary>Side by side.</summary>
    Zip,
}
