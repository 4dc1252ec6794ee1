namespace DataPlatform.ResourceScheduler.Policies;

/// <summary>Somebody with equal tasks, as dominant resource fairness sees it. For a hierarchy, <paramref name="Id"/> is a path.</summary>
/// <param name="Id">A unique name, or a path such as <c>root.eng.dev</c>.</param>
/// <param name="Demand">What one task needs, one amount per resource of the total.</param>
public sealed record DrfUser(string Id, IReadOnlyList<double> Demand)
{
    /// <summary>The weight; a user of weight 2 is content with half the share per weight.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Tasks it has at most.</summary>
    public double TasksMax { get; init; } = double.PositiveInfinity;
}
