using Microsoft.CodeAnalysis;

namespace DataPlatform.Orchestrator.Generators;

/// <summary>What a class that is a DAG can have wrong.</summary>
internal static class DagDiagnostics
{
    private const string Category = "DataPlatform.Orchestrator";

    public static readonly DiagnosticDescriptor UnknownTask = Error(
        "DPO001", "A task that is named does not exist", "'{0}' names '{1}', which is no task or group of '{2}'");

    public static readonly DiagnosticDescriptor UnknownParameter = Error(
        "DPO002",
        "A parameter of a task takes nothing",
        "'{0}' of '{1}' names no task of this class; mark it with [Param] or [From], or map the task with [MapOver]");

    public static readonly DiagnosticDescriptor Cycle = Error("DPO003", "Tasks wait for each other", "'{0}' waits for itself: {1}");

    public static readonly DiagnosticDescriptor WrongType = Error(
        "DPO004", "A value is taken as what it is not", "'{0}' takes {1} of '{2}' as {3}, but that is {4}: {5}");

    public static readonly DiagnosticDescriptor WrongCron = Error(
        "DPO005", "A schedule that cannot be read or never fires", "'{0}' is no schedule: {1}");

    public static readonly DiagnosticDescriptor SameName = Error("DPO006", "Two tasks have the same name",
        "'{0}' and '{1}' are both the task '{2}'");

    public static readonly DiagnosticDescriptor WrongResult = Error(
        "DPO007", "A task returns what its kind does not", "'{0}' is a {1}, so it returns {2}, not {3}");

    public static readonly DiagnosticDescriptor WrongDuration = Error(
        "DPO008", "A duration that cannot be read", "'{0}' is no duration such as 30s, 5m, 2h or 01:30:00");

    public static readonly DiagnosticDescriptor WrongDataset = Error(
        "DPO009", "A dataset name that cannot be",
        "'{0}' is no dataset name: it needs 1 to 512 characters in non-empty segments separated by '/'");

    private static DiagnosticDescriptor Error(string id, string title, string message)
        => new(id, title, message, Category, DiagnosticSeverity.Error, isEnabledByDefault: true);
}
