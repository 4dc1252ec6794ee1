using System.CommandLine;

namespace DataPlatform.Tools.Cli;

/// <summary>The groups of <c>dp</c>, one per engine.</summary>
internal static class CommandGroups
{
    /// <summary>All groups, in the order of the help text.</summary>
    public static IReadOnlyList<Command> All =>
    [
        Lake.LakeCommands.Group, Dags.DagCommands.Group, Workers.WorkerCommand.Command, Suites.QualityCommands.Group,
        Lineage.LineageCommand.Group, Cluster.ClusterCommands.Group,
    ];
}
