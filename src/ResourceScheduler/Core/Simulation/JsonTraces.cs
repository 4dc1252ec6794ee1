using System.Text;
using System.Text.Json;

namespace DataPlatform.ResourceScheduler.Simulation;

/// <summary>Traces that are JSON values one after another: SLS, rumen, and our own lines.</summary>
internal static class JsonTraces
{
    private static readonly string[] RumenStages = ["mapTasks", "reduceTasks"];
    private static readonly ResourceVector TaskSize = new(1000, 1024);

    public static ClusterTrace Read(string text)
    {
        var (jobs, nodes) = (new List<SimulatedJob>(), new List<SimulatedNode>());
        foreach (var value in Values(text))
        {
            if (value.TryGetProperty("job.tasks", out _))
            {
                jobs.Add(Sls(value));
            }
            else if (value.TryGetProperty("mapTasks", out _))
            {
                jobs.Add(Rumen(value));
            }
            else if (value.TryGetProperty("node", out _))
            {
                nodes.Add(Node(value));
            }
            else if (SynthTraces.Is(value))
            {
                return SynthTraces.Read(value);
            }
            else
            {
                jobs.Add(Own(value, jobs.Count));
            }
        }

        // Times in a trace count from its first job.
        var first = jobs.Select(job => job.SubmitMs).DefaultIfEmpty(0).Min();
        return new ClusterTrace([.. jobs.Select(job => job with { SubmitMs = job.SubmitMs - first }).OrderBy(job => job.SubmitMs)], nodes);
    }

    public static SimulatedNode Node(JsonElement value) => new(value.GetProperty("node").GetString()!, Size(value))
    {
        Properties = new Nodes.NodeProperties
        {
            Label = Text(value, "label", ""),
            Rack = Text(value, "rack", ""),
            IsShareable = value.TryGetProperty("shareable", out var shareable) && shareable.ValueKind == JsonValueKind.True,
        },
    };

    public static IEnumerable<JsonElement> Values(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var offset = 0;
        while (true)
        {
            while (offset < bytes.Length && bytes[offset] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t' or (byte)',')
            {
                offset++;
            }

            if (offset >= bytes.Length)
            {
                yield break;
            }

            yield return Value(bytes, ref offset);
        }
    }

    private static JsonElement Value(byte[] bytes, ref int offset)
    {
        try
        {
            var reader = new Utf8JsonReader(bytes.AsSpan(offset));
            using var document = JsonDocument.ParseValue(ref reader);
            offset += (int)reader.BytesConsumed;
            return document.RootElement.Clone();
        }
        catch (JsonException error)
        {
            throw new SchedulerException(Kernel.ErrorKind.Invalid, $"The trace is not JSON at byte {offset}: {error.Message}", error);
        }
    }

    private static SimulatedJob Sls(JsonElement job)
    {
        var runs = job.GetProperty("job.tasks").EnumerateArray()
            .GroupBy(task => Text(task, "container.type", "map"), StringComparer.Ordinal)
            .Select(group => new SimulatedStage(TaskSize,
                [.. group.Select(task => Math.Max(1, Whole(task, "container.end.ms") - Whole(task, "container.start.ms")))], group.Count()))
            .ToArray();
        return new SimulatedJob(Text(job, "job.id", "job"), $"root.{Text(job, "job.queue.name", "default")}", Text(job, "job.user", "user"),
            Whole(job, "job.start.ms"), Chain(runs));
    }

    private static SimulatedJob Rumen(JsonElement job)
    {
        var stages = RumenStages
            .Where(name => job.TryGetProperty(name, out var tasks) && tasks.ValueKind == JsonValueKind.Array && tasks.GetArrayLength() > 0)
            .Select(name => job.GetProperty(name).EnumerateArray().Select(RumenRunMs).ToArray())
            .Select(runs => new SimulatedStage(TaskSize, runs, runs.Length)).ToArray();
        return new SimulatedJob(Text(job, "jobID", "job"), $"root.{Text(job, "queue", "default")}", Text(job, "user", "user"),
            Whole(job, "submitTime"), Chain(stages));
    }

    /// <summary>The successful attempt counts; a time of -1 is unknown.</summary>
    private static long RumenRunMs(JsonElement task)
    {
        var attempt = task.TryGetProperty("attempts", out var attempts) && attempts.ValueKind == JsonValueKind.Array
            ? attempts.EnumerateArray().FirstOrDefault(item => Text(item, "result", "") == "SUCCESS") : default;
        var timed = attempt.ValueKind == JsonValueKind.Object ? attempt : task;
        return Math.Max(1, Whole(timed, "finishTime") - Whole(timed, "startTime"));
    }

    /// <summary>Our own:
    /// <c>{"job":"a","queue":"root.x","user":"ana","submit_ms":0,"stages":[{"cpu":1000,"memory":1024,"count":4,"run_ms":[5000]}]}</c>.</summary>
    private static SimulatedJob Own(JsonElement job, int number)
    {
        if (!job.TryGetProperty("stages", out var stages) || stages.ValueKind != JsonValueKind.Array || stages.GetArrayLength() == 0)
        {
            throw SchedulerException.Invalid($"Job {number} of the trace has no stages and is of no known kind.");
        }

        return new SimulatedJob(
            Text(job, "job", $"job{number}"), Text(job, "queue", "root.default"), Text(job, "user", "user"), Whole(job, "submit_ms"),
            [.. stages.EnumerateArray().Select(stage => new SimulatedStage(
                Size(stage),
                [.. stage.GetProperty("run_ms").EnumerateArray().Select(run => Math.Max(1, run.GetInt64()))],
                (int)Math.Max(1, Whole(stage, "count")))
            {
                Label = Text(stage, "label", ""),
                IsGang = stage.TryGetProperty("gang", out var gang) && gang.ValueKind == JsonValueKind.True,
                After = stage.TryGetProperty("after", out var after) ? [.. after.EnumerateArray().Select(place => place.GetInt32())] : [],
            })])
        {
            Priority = (int)Whole(job, "priority"),
        };
    }

    private static SimulatedStage[] Chain(SimulatedStage[] stages)
        => [.. stages.Select((stage, i) => i == 0 ? stage : stage with { After = [i - 1] })];

    private static ResourceVector Size(JsonElement element) => new(Whole(element, "cpu"), Whole(element, "memory"), Whole(element, "gpu"));

    private static string Text(JsonElement element, string name, string absent)
        => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            && value.GetString() is { Length: > 0 } text ? text : absent;

    private static long Whole(JsonElement element, string name)
        => element.TryGetProperty(name, out var value) && value.TryGetDouble(out var number) ? (long)number : 0;
}
