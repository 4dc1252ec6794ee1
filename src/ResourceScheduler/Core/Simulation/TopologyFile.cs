using System.Text.Json;

namespace DataPlatform.ResourceScheduler.Simulation;

/// <summary>Nodes in files of their own: the topology of YARN's load simulator, openb's table, or our own lines.</summary>
public static class TopologyFile
{
    /// <summary>What a node has of which the file says nothing: 10 GiB and 10 cores, as in YARN's simulator.</summary>
    internal static ResourceVector DefaultNode { get; } = new(10_000, 10_240);

    /// <summary>Reads nodes by what the file looks like.</summary>
    /// <param name="text">The file.</param>
    /// <exception cref="SchedulerException">Invalid: the file is malformed or names no node.</exception>
    public static IReadOnlyList<SimulatedNode> Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var nodes = text.AsSpan().TrimStart().StartsWith("sn,") ? CsvTraces.Openb("name,cpu_milli\n", text).Nodes
            : [.. JsonTraces.Values(text).SelectMany(Nodes)];
        return nodes.Count > 0 ? nodes : throw SchedulerException.Invalid("The file names no node.");
    }

    private static IEnumerable<SimulatedNode> Nodes(JsonElement value)
    {
        if (!value.TryGetProperty("rack", out var rack) || !value.TryGetProperty("nodes", out var list))
        {
            return value.TryGetProperty("node", out _) ? [JsonTraces.Node(value)]
                : throw SchedulerException.Invalid("A value of the file is neither a rack with nodes nor a node.");
        }

        return list.EnumerateArray().Where(node => node.TryGetProperty("node", out _)).Select(node => Sls(node, rack.GetString() ?? ""));
    }

    private static SimulatedNode Sls(JsonElement node, string rack)
    {
        long Amount(string name, long absent) => node.TryGetProperty(name, out var value) && value.TryGetInt64(out var amount) ? amount
            : absent;

        // Of several labels a node has, one partition can be modelled: the first.
        var label = node.TryGetProperty("labels", out var labels) ? (labels.GetString() ?? "").Split(',')[0].Trim() : "";
        var paren = label.IndexOf('(', StringComparison.Ordinal);
        return new SimulatedNode(node.GetProperty("node").GetString()!,
            new ResourceVector(1000 * Amount("vcores", DefaultNode.CpuMillis / 1000), Amount("memory-mb", DefaultNode.MemoryMiB)))
        {
            Properties = new Nodes.NodeProperties
            {
                Rack = rack,
                Label = paren < 0 ? label : label[..paren],
                IsShareable = label.Contains("exclusive=false", StringComparison.OrdinalIgnoreCase),
            },
        };
    }
}
