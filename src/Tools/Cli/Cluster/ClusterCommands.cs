using System.CommandLine;
using DataPlatform.ResourceScheduler;
using DataPlatform.ResourceScheduler.Configuration;
using DataPlatform.ResourceScheduler.Simulation;

namespace DataPlatform.Tools.Cli.Cluster;

/// <summary><c>dp cluster</c>: tries out queues and clusters of the resource scheduler.</summary>
internal static class ClusterCommands
{
    internal static readonly Option<string?> Config = new("--config")
    {
        Description = "Queues: own JSON, YARN's capacity-scheduler.xml or a Fair Scheduler allocation file. Default: every queue the trace names.",
    };

    /// <summary>The group.</summary>
    public static Command Group => new("cluster", "Simulates clusters, explains what waits, shows queues, runs a command in a container.")
    {
        SimulateCommand.Create(), ExplainCommand.Create(), QueuesCommand.Create(), ClusterRunCommand.Create(),
    };

    internal static string ReadFile(string path)
        => File.Exists(path) ? File.ReadAllText(path) : throw new ArgumentException($"The file '{path}' is not there.");

    internal static SchedulerConfiguration? ReadConfig(ParseResult parsed, CommandOutput output)
    {
        if (parsed.GetValue(Config) is not { } path)
        {
            return null;
        }

        var configuration = SchedulerConfiguration.Read(ReadFile(path));
        foreach (var note in configuration.Notes)
        {
            output.Note($"{path}, {note}");
        }

        return configuration;
    }

    /// <summary>The queues of a configuration, with those that the jobs of a trace name besides.</summary>
    internal static QueueTree Queues(SchedulerConfiguration? configuration, ClusterTrace trace)
    {
        if (configuration is null)
        {
            return trace.DefaultQueues();
        }

        var tree = configuration.Queues;
        var missing = tree.Placement.Rules.Count > 0 ? []
            : trace.Jobs.Select(job => job.Queue).Distinct(StringComparer.Ordinal).Where(queue => tree.Find(queue) is null).ToArray();
        return missing.Length == 0 ? tree : tree.With(missing.Select(queue => KeyValuePair.Create(queue, new QueueOptions())));
    }
}
