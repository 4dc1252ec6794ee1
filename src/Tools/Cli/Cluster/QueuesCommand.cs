using System.CommandLine;
using DataPlatform.ResourceScheduler;
using DataPlatform.ResourceScheduler.Configuration;

namespace DataPlatform.Tools.Cli.Cluster;

/// <summary><c>dp cluster queues</c>: reads a configuration, says what of it counts, and shows or translates it.</summary>
internal static class QueuesCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("CONFIG") { Description = "Own JSON, capacity-scheduler.xml or a Fair Scheduler allocation file." };
        var against = new Option<string?>("--against") { Description = "Another configuration: show what differs from it instead." };
        var write = new Option<bool>("--to-json") { Description = "Write the configuration in our own format." };
        var cpu = new Option<long>("--cpu")
        {
            Description = "Millicores of the cluster that shares are worked out for.",
            DefaultValueFactory = _ => 100_000
        };
        var memory = new Option<long>("--memory") { Description = "MiB of that cluster.", DefaultValueFactory = _ => 409_600 };
        return new Command("queues", "Reads a queue configuration, checks it, and shows what each queue is entitled to.") { file, against,
            write, cpu, memory }
            .Runs((parsed, output, _) =>
            {
                var configuration = SchedulerConfiguration.Read(ClusterCommands.ReadFile(parsed.GetValue(file)!));
                if (parsed.GetValue(write))
                {
                    Console.Out.WriteLine(configuration.ToJson());
                }
                else if (parsed.GetValue(against) is { } other)
                {
                    Compare(SchedulerConfiguration.Read(ClusterCommands.ReadFile(other)), configuration, output);
                }
                else
                {
                    Show(configuration, new ResourceVector(parsed.GetValue(cpu), parsed.GetValue(memory)), output);
                }

                foreach (var note in configuration.Notes)
                {
                    Console.Error.WriteLine(note);
                }

                return Task.CompletedTask;
            });
    }

    private static void Compare(SchedulerConfiguration before, SchedulerConfiguration after, CommandOutput output)
        => output.Rows(["queue", "setting", "before", "after"], ConfigurationChange.Between(before.Queues, after.Queues)
            .Select(change => (IReadOnlyList<object?>)[change.Queue, change.Setting, change.Before, change.After]));

    private static void Show(SchedulerConfiguration configuration, ResourceVector size, CommandOutput output)
    {
        var scheduler = new ClusterScheduler(configuration.Queues);
        scheduler.Apply(new SchedulerEvent.NodeRegistered(0, "all", size));
        var shares = scheduler.Snapshot().Queues.ToDictionary(queue => queue.Path, StringComparer.Ordinal);
        output.Rows(["queue", "policy", "weight", "guaranteed", "maximum", "steady share", "state", "preemption", "applications at once"],
            configuration.Queues.Queues.Select(queue => (IReadOnlyList<object?>)
            [
                output.Json ? queue.Path : $"{new string(' ', 2 * queue.Path.Count(c => c == '.'))}{queue.Name}",
                    queue.Options.Policy.ToString(),
                queue.Options.Weight, Amount(shares[queue.Path].Guarantee, size), Amount(shares[queue.Path].Max, size),
                Amount(shares[queue.Path].SteadyShare, size), queue.Options.State.ToString(), queue.Options.Preemption.ToString(),
                queue.Options.RunningApplicationsMax == int.MaxValue ? "any" : (long)queue.Options.RunningApplicationsMax,
            ]));
        if (configuration.Queues.Placement.Rules.Count > 0)
        {
            output.Note("placement: " + string.Join(", then ", configuration.Queues.Placement.Rules.Select(rule => rule.Kind.ToString())));
        }
    }

    private static string Amount(in ResourceVector amount, in ResourceVector size)
        => amount.CpuMillis >= size.CpuMillis && amount.MemoryMiB >= size.MemoryMiB ? "all" : amount.IsZero ? "none"
            : $"{amount.CpuMillis / 1000.0:0.##} cores, {(amount.MemoryMiB == long.MaxValue ? "any" : $"{amount.MemoryMiB:N0} MiB")}";
}
