namespace DataPlatform.Orchestrator.Execution;

/// <summary>One <c>| name:argument</c> of a placeholder.</summary>
/// <param name="Name">Which.</param>
/// <param name="Argument">What stands after the colon; null for none.</param>
internal readonly record struct TemplateFilter(string Name, string? Argument);
