using System.Text.Json;

namespace DataPlatform.ResourceScheduler.Simulation;

/// <summary>Synthetic workloads of YARN's load simulator (SYNTH): classes of jobs with means and deviations, drawn log-normally from the
/// seed
/// the file names, so that the same file gives the same trace.</summary>
internal sealed class SynthTraces
{
    private readonly Random _random;

    private SynthTraces(int seed) => _random = new Random(seed);

    public static bool Is(JsonElement value) => value.TryGetProperty("job_classes", out _) || value.TryGetProperty("workloads", out _);

    public static ClusterTrace Read(JsonElement root)
    {
        var synth = new SynthTraces((int)Number(root, "rand_seed", 1));
        var workloads = root.GetProperty("workloads").EnumerateArray().ToArray();
        var jobs = new List<SimulatedJob>();
        for (var i = 0; i < (int)Number(root, "num_jobs", 1) && workloads.Length > 0; i++)
        {
            var workload = synth.Pick(workloads, "workload_weight");
            jobs.Add(synth.Job(workload, synth.Pick([.. workload.GetProperty("job_classes").EnumerateArray()], "class_weight"), i));
        }

        var perRack = Math.Max(1, (int)Number(root, "nodes_per_rack", 4));
        var nodes = Enumerable.Range(0, (int)Number(root, "num_nodes", 0)).Select(node
            => new SimulatedNode($"node{node}", TopologyFile.DefaultNode)
            {
                Properties = new Nodes.NodeProperties { Rack = $"rack{node / perRack}" },
            });
        return new ClusterTrace([.. jobs.OrderBy(job => job.SubmitMs)], [.. nodes]);
    }

    private SimulatedJob Job(JsonElement workload, JsonElement kind, int number)
    {
        var stages = kind.TryGetProperty("tasks", out var tasks) ? tasks.EnumerateArray().Select(Stage).ToList()
            : [Stage(kind, "m", "map"), Stage(kind, "r", "reduce")];
        stages.RemoveAll(stage => stage.Count == 0);
        var submitMs = 1000L * (long)Number(Pick([.. workload.GetProperty("time_distribution").EnumerateArray()], "weight"), "time", 0);
        return new SimulatedJob($"job{number}", $"root.{Text(workload, "queue_name", "default")}", Text(kind, "user_name", "user"),
            submitMs,
            [.. stages.Select((stage, i) => i == 0 ? stage : stage with { After = [i - 1] })]);
    }

    /// <summary>The older form: <c>mtasks_avg</c>, <c>mtime_avg</c>, <c>map_max_memory_avg</c> and so on.</summary>
    private SimulatedStage Stage(JsonElement kind, string letter, string name) => Stage(
        Drawn(Number(kind, $"{letter}tasks_avg", 0), Number(kind, $"{letter}tasks_stddev", 0)),
        Number(kind, $"{letter}time_avg", 1), Number(kind, $"{letter}time_stddev", 0),
        Number(kind, $"{name}_max_vcores_avg", 1), Number(kind, $"{name}_max_memory_avg", 1024));

    /// <summary>The newer form: <c>{"count": {"val": 5, "std": 1}, ...}</c>.</summary>
    private SimulatedStage Stage(JsonElement task)
    {
        double Of(string name, string part, double absent)
            => task.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? Number(value, part, absent) : absent;
        return Stage(Drawn(Of("count", "val", 1), Of("count", "std", 0)), Of("time", "val", 1), Of("time", "std", 0), Of("max_vcores",
            "val", 1),
            Of("max_memory", "val", 1024));
    }

    private SimulatedStage Stage(double count, double seconds, double deviation, double cores, double memory)
    {
        var tasks = (int)Math.Round(count);
        return new SimulatedStage(new ResourceVector((long)(1000 * cores), (long)memory),
            [.. Enumerable.Range(0, Math.Max(1, tasks)).Select(_ => Math.Max(1, (long)(1000 * Drawn(seconds, deviation))))], tasks);
    }

    /// <summary>From the log-normal distribution of this mean and deviation.</summary>
    private double Drawn(double mean, double deviation)
    {
        if (mean <= 0 || deviation <= 0)
        {
            return mean;
        }

        var variance = Math.Log(1 + (deviation * deviation / (mean * mean)));
        var normal = Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
        return Math.Exp(Math.Log(mean) - (variance / 2) + (Math.Sqrt(variance) * normal));
    }

    private JsonElement Pick(JsonElement[] items, string weight)
    {
        var at = _random.NextDouble() * items.Sum(item => Number(item, weight, 1));
        foreach (var item in items)
        {
            at -= Number(item, weight, 1);
            if (at < 0)
            {
                return item;
            }
        }

        return items[^1];
    }

    private static double Number(JsonElement element, string name, double absent)
        => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : absent;

    private static string Text(JsonElement element, string name, string absent)
        => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : absent;
}
