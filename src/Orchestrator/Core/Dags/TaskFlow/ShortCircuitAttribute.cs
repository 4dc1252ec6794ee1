namespace DataPlatform.Orchestrator.Dags.TaskFlow;

/// <summary>A task that returns whether to go on; on false what is downstream is skipped.</summary>
public sealed class ShortCircuitAttribute : TaskAttribute
{
    /// <summary>True: everything downstream is skipped. False: the direct tasks; those behind follow their rules.</summary>
    public bool IgnoresRules { get; set; } = true;
}
