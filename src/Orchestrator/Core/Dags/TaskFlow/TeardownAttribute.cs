namespace DataPlatform.Orchestrator.Dags.TaskFlow;

/// <summary>Marks a task that removes what setup tasks made; see <see cref="TaskBuilder.Teardown"/>.</summary>
/// <param name="setups">The setup tasks; <c>nameof</c> of their methods will do.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TeardownAttribute(params string[] setups) : Attribute
{
    /// <summary>The setup tasks.</summary>
    public string[] Setups { get; } = setups;
}
