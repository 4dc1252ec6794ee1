using System.CommandLine;
using DataPlatform.ResourceScheduler;
using DataPlatform.ResourceScheduler.Configuration;
using DataPlatform.ResourceScheduler.Preemption;
using DataPlatform.ResourceScheduler.Simulation;

namespace DataPlatform.Tools.Cli.Cluster;

/// <summary>What names a trace, the cluster it runs on and how: shared by the commands that replay one.</summary>
internal sealed class TraceOptions
{
    private readonly Argument<string> _trace = new("TRACE")
    {
        Description = "The workload: YARN SLS, SYNTH or rumen, SWIM, openb, gavel, Tiresias, Kueue generator YAML, or own JSON lines.",
    };

    private readonly Option<string?> _nodes = new("--nodes") { Description = "A file with nodes: SLS topology, openb table, or own JSON lines." };
    private readonly Option<int?> _count = new("--node-count") { Description = "So many equal nodes instead." };
    private readonly Option<long> _cpu = new("--node-cpu") { Description = "Millicores of each.", DefaultValueFactory = _ => 16_000 };
    private readonly Option<long> _memory = new("--node-memory") { Description = "MiB of each.", DefaultValueFactory = _ => 65_536 };
    private readonly Option<long> _gpu = new("--node-gpu") { Description = "Thousandths of a GPU of each.", DefaultValueFactory = _ => 0 };
    private readonly Option<int> _seed = new("--seed") { Description = "Decides everything random.", DefaultValueFactory = _ => 1 };
    private readonly Option<PreemptionTrigger?> _preempt = new("--preempt")
    {
        Description = "What entitles queues to have others' work stopped. Default: as the configuration says, else never.",
    };

    private readonly Option<double> _failures = new("--failure-rate")
    {
        Description = "The fraction of containers that fail.",
        DefaultValueFactory = _ => 0
    };
    private readonly Option<bool> _known = new("--run-times-known") { Description = "Tell the scheduler how long tasks run, so that it can backfill." };
    private readonly Option<string?> _groups = new("--groups")
    {
        Description = "A JSON list of node groups to scale with: [{\"name\":\"od\",\"cpu\":16000,\"memory\":65536,\"price\":1,\"spot\":false,\"min\":0,\"max\":50}].",
    };

    public string TracePath(ParseResult parsed) => parsed.GetValue(_trace)!;

    public void AddTo(Command command)
    {
        command.Add(_trace);
        foreach (var option in new Option[] { ClusterCommands.Config, _nodes, _count, _cpu, _memory, _gpu, _seed, _preempt, _failures,
            _known, _groups })
        {
            command.Add(option);
        }
    }

    public ClusterTrace Trace(ParseResult parsed)
    {
        var nodesFile = parsed.GetValue(_nodes);
        var trace = TraceReader.Read(ClusterCommands.ReadFile(TracePath(parsed)));
        var nodes = parsed.GetValue(_count) is { } count
            ? [.. Enumerable.Range(0, count).Select(node => new SimulatedNode($"node{node:D5}",
                new ResourceVector(parsed.GetValue(_cpu), parsed.GetValue(_memory), parsed.GetValue(_gpu))))]
            : nodesFile is not null ? TopologyFile.Read(ClusterCommands.ReadFile(nodesFile))
            : trace.Nodes;
        return nodes.Count > 0 || parsed.GetValue(_groups) is not null ? trace with { Nodes = nodes }
            : throw new ArgumentException("The trace brings no nodes: give --nodes FILE, --node-count N, or --groups FILE to scale with.");
    }

    public SimulationOptions Simulation(ParseResult parsed, SchedulerConfiguration? configuration)
    {
        var preemption = parsed.GetValue(_preempt) is { } trigger
            ? (configuration?.Preemption ?? new PreemptionOptions()) with { Trigger = trigger }
            : configuration?.Preemption ?? PreemptionOptions.Off;
        return new SimulationOptions
        {
            Seed = parsed.GetValue(_seed),
            FailureRate = parsed.GetValue(_failures),
            RunTimesAreKnown = parsed.GetValue(_known),
            Autoscaler = parsed.GetValue(_groups) is { } groups ? NodeGroupFile.Read(ClusterCommands.ReadFile(groups)) : null,
            Scheduler = new SchedulerOptions { Preemption = preemption },
        };
    }
}
