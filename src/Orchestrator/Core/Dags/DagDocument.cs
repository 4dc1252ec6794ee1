using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DataPlatform.Kernel;

namespace DataPlatform.Orchestrator.Dags;

/// <summary>A DAG's structure as canonical JSON: fixed order of keys, no white space.</summary>
internal static class DagDocument
{
    private const int PlainFormat = 1;

    /// <summary>A program that knows no mapped groups would take their tasks for single ones.</summary>
    private const int FormatWithMappedGroups = 2;

    public static string Write(Dag dag)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("format", dag.MappedGroups.Count > 0 ? FormatWithMappedGroups : PlainFormat);
            WriteSettings(json, dag.Settings);
            json.WriteStartArray("tasks");
            foreach (var task in dag.Tasks)
            {
                WriteTask(json, task);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static string HashOf(string model) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(model)));

    /// <summary>Reads a stored version, with the code of tasks that the registered DAG still has.</summary>
    /// <param name="model">What <see cref="Write"/> wrote.</param>
    /// <param name="registered">Where bodies are looked up by task id; null for none.</param>
    public static Dag Read(string model, Dag? registered)
    {
        using var document = JsonDocument.Parse(model);
        var root = document.RootElement;
        var id = root.GetProperty("id").GetString()!;
        if (root.GetProperty("format").GetInt32() > FormatWithMappedGroups)
        {
            throw new DagException(id, "its stored version was written by a newer program: upgrade this one.");
        }

        var settings = ReadSettings(id, root);
        var tasks = root.GetProperty("tasks").EnumerateArray().Select(task => ReadTask(task, registered)).ToList();
        return new Dag(settings, DagAnalyzer.Reorder(settings, tasks));
    }

    private static void WriteSettings(Utf8JsonWriter json, DagSettings settings)
    {
        json.WriteString("id", settings.Id);
        json.WriteString("description", settings.Description);
        json.WriteString("version", settings.Version);
        json.WriteString("timetable", settings.Timetable.Specification);
        json.WriteBoolean("catchup", settings.Catchup);
        WriteOptional(json, "start", settings.Start?.ToUniversalTime().ToString("O"));
        WriteOptional(json, "datasets", settings.Datasets?.ToString());
        WriteEvents(json, settings.Events);
        WriteOptional(json, "weight", settings.Weight == 1 ? null : settings.Weight);
        json.WriteNumber("maxActiveRuns", settings.MaxActiveRuns);
        json.WriteNumber("maxActiveTasks", settings.MaxActiveTasks);
        WriteOptional(json, "runTimeoutMs", settings.RunTimeout?.TotalMilliseconds);
        json.WriteNumber("maxActiveTasksPerRun", settings.MaxActiveTasksPerRun);
        WriteOptional(json, "deadlineMs", settings.Deadline?.TotalMilliseconds);
        WriteParams(json, settings.Params);
        WriteGroups(json, settings.MappedGroups);
        json.WriteStartArray("tags");
        foreach (var tag in settings.Tags)
        {
            json.WriteStringValue(tag);
        }

        json.WriteEndArray();
    }

    private static DagSettings ReadSettings(string id, JsonElement root) => new(id)
    {
        Description = root.GetProperty("description").GetString()!,
        Version = root.GetProperty("version").GetString()!,
        Timetable = Schedules.UnreadTimetable.Read(root.GetProperty("timetable").GetString()!),
        Catchup = root.GetProperty("catchup").GetBoolean(),
        Start = root.TryGetProperty("start", out var start) ? start.GetDateTimeOffset() : null,
        Events = root.TryGetProperty("events", out var events) ? [.. events.EnumerateArray().Select(name => name.GetString()!)] : [],
        Weight = root.TryGetProperty("weight", out var weight) ? weight.GetInt32() : 1,
        MaxActiveRuns = root.GetProperty("maxActiveRuns").GetInt32(),
        MaxActiveTasks = root.GetProperty("maxActiveTasks").GetInt32(),
        RunTimeout = root.TryGetProperty("runTimeoutMs", out var timeout) ? TimeSpan.FromMilliseconds(timeout.GetDouble()) : null,
        MaxActiveTasksPerRun = root.GetProperty("maxActiveTasksPerRun").GetInt32(),
        Deadline = root.TryGetProperty("deadlineMs", out var deadline) ? TimeSpan.FromMilliseconds(deadline.GetDouble()) : null,
        Params = [.. root.GetProperty("params").EnumerateArray().Select(ReadParam)],
        MappedGroups = root.TryGetProperty("mappedGroups", out var groups) ? [.. groups.EnumerateArray().Select(ReadGroup)] : [],
        Tags = [.. root.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()!)],
    };

    /// <summary>Left out where there are none, so that versions of before keep their hash.</summary>
    private static void WriteEvents(Utf8JsonWriter json, IReadOnlyList<string> events)
    {
        if (events.Count == 0)
        {
            return;
        }

        json.WriteStartArray("events");
        foreach (var name in events)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
    }

    private static void WriteTask(Utf8JsonWriter json, DagTask task)
    {
        json.WriteStartObject();
        json.WriteString("id", task.Id);
        json.WriteString("body", task.Body.Kind);
        json.WriteStartArray("after");
        foreach (var upstream in task.Upstream)
        {
            json.WriteStringValue(upstream);
        }

        json.WriteEndArray();
        json.WriteString("rule", task.Rule.ToString());
        json.WriteNumber("retries", task.Retries);
        WriteBackoff(json, task.Backoff);
        WriteOptional(json, "timeoutMs", task.Timeout?.TotalMilliseconds);
        json.WriteString("pool", task.Pool);
        json.WriteNumber("slots", task.PoolSlots);
        json.WriteNumber("priority", task.Priority);
        WriteOptional(json, "executor", task.Executor);
        WriteOptional(json, "queue", task.Queue);
        json.WriteNumber("cpuMillis", task.CpuMillis);
        json.WriteNumber("memoryMiB", task.MemoryMiB);
        WriteOptional(json, "group", task.Group);
        WriteOptional(json, "mappedGroup", task.MappedGroup);
        WriteMap(json, task.Map, task.MapLengthMax);
        json.WriteNumber("maxActive", task.MaxActive);
        WriteOptional(json, "maxActivePerRun", task.MaxActivePerRun > 0 ? task.MaxActivePerRun : null);
        json.WriteBoolean("setup", task.IsSetup);
        json.WriteBoolean("teardown", task.IsTeardown);
        json.WriteBoolean("dependsOnPast", task.DependsOnPast);
        json.WriteBoolean("waitsForDownstream", task.WaitsForDownstream);
        WriteNames(json, "inlets", task.Inlets);
        WriteNames(json, "outlets", task.Outlets);
        TaskBodyDocument.Write(json, task.Body);
        json.WriteEndObject();
    }

    private static DagTask ReadTask(JsonElement json, Dag? registered)
    {
        var id = json.GetProperty("id").GetString()!;
        var known = registered?.FindTask(id);
        return new DagTask
        {
            Id = id,
            Body = TaskBodyDocument.Read(json, known?.Body),
            Result = known?.Result,
            Inputs = known?.Inputs ?? [],
            ItemTypes = known?.ItemTypes ?? [],
            Upstream = [.. json.GetProperty("after").EnumerateArray().Select(upstream => upstream.GetString()!)],
            Rule = Enum.Parse<TriggerRule>(json.GetProperty("rule").GetString()!),
            Retries = json.GetProperty("retries").GetInt32(),
            Backoff = ReadBackoff(json.GetProperty("backoff")),
            Timeout = json.TryGetProperty("timeoutMs", out var timeout) ? TimeSpan.FromMilliseconds(timeout.GetDouble()) : null,
            Pool = json.GetProperty("pool").GetString()!,
            PoolSlots = json.GetProperty("slots").GetInt32(),
            Priority = json.GetProperty("priority").GetInt32(),
            Executor = Text(json, "executor"),
            Queue = Text(json, "queue"),
            CpuMillis = json.GetProperty("cpuMillis").GetInt32(),
            MemoryMiB = json.GetProperty("memoryMiB").GetInt32(),
            Group = Text(json, "group"),
            MappedGroup = Text(json, "mappedGroup"),
            Map = json.TryGetProperty("map", out var map) ? ReadMap(map) : null,
            MapLengthMax = json.GetProperty("mapLengthMax").GetInt32(),
            MaxActive = json.GetProperty("maxActive").GetInt32(),
            MaxActivePerRun = json.TryGetProperty("maxActivePerRun", out var perRun) ? perRun.GetInt32() : 0,
            IsSetup = json.GetProperty("setup").GetBoolean(),
            IsTeardown = json.GetProperty("teardown").GetBoolean(),
            DependsOnPast = json.GetProperty("dependsOnPast").GetBoolean(),
            WaitsForDownstream = json.GetProperty("waitsForDownstream").GetBoolean(),
            Inlets = ReadNames(json, "inlets"),
            Outlets = ReadNames(json, "outlets"),
        };
    }

    /// <summary>Only where there are some, so that the hash of other DAGs stays what it was.</summary>
    private static void WriteNames(Utf8JsonWriter json, string name, IReadOnlyList<DatasetId> datasets)
    {
        if (datasets.Count == 0)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (var dataset in datasets)
        {
            json.WriteStringValue(dataset.Name);
        }

        json.WriteEndArray();
    }

    private static DatasetId[] ReadNames(JsonElement json, string name) => json.TryGetProperty(name, out var datasets)
        ? [.. datasets.EnumerateArray().Select(dataset => new DatasetId(dataset.GetString()!))]
        : [];

    private static void WriteMap(Utf8JsonWriter json, MapSource? map, int lengthMax)
    {
        json.WriteNumber("mapLengthMax", lengthMax);
        if (map is null)
        {
            return;
        }

        json.WriteStartObject("map");
        json.WriteString("kind", map.Kind.ToString());
        json.WriteStartArray("over");
        foreach (var id in map.TaskIds)
        {
            json.WriteStringValue(id);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Only where there are some, so that the hash of other DAGs stays what it was.</summary>
    private static void WriteGroups(Utf8JsonWriter json, IReadOnlyList<MappedGroup> groups)
    {
        if (groups.Count == 0)
        {
            return;
        }

        json.WriteStartArray("mappedGroups");
        foreach (var group in groups)
        {
            json.WriteStartObject();
            json.WriteString("name", group.Id);
            WriteMap(json, group.Map, group.MapLengthMax);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static MappedGroup ReadGroup(JsonElement json) =>
        new(json.GetProperty("name").GetString()!, ReadMap(json.GetProperty("map")), json.GetProperty("mapLengthMax").GetInt32());

    private static MapSource ReadMap(JsonElement json) => new(
        Enum.Parse<MapKind>(json.GetProperty("kind").GetString()!),
        [.. json.GetProperty("over").EnumerateArray().Select(id => id.GetString()!)]);

    private static void WriteParams(Utf8JsonWriter json, IReadOnlyList<DagParam> parameters)
    {
        json.WriteStartArray("params");
        foreach (var parameter in parameters)
        {
            json.WriteStartObject();
            json.WriteString("name", parameter.Name);
            json.WriteString("type", parameter.Type.ToString());
            WriteOptional(json, "default", parameter.DefaultJson);
            json.WriteString("description", parameter.Description);
            WriteRules(json, parameter.Rules);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static DagParam ReadParam(JsonElement json) => new(
        json.GetProperty("name").GetString()!,
        Enum.Parse<ParamType>(json.GetProperty("type").GetString()!),
        Text(json, "default"),
        json.GetProperty("description").GetString()!)
    {
        Rules = json.TryGetProperty("rules", out var rules) ? rules.Deserialize<ParamRules>(JsonSerializerOptions.Web)! : ParamRules.None,
    };

    private static void WriteRules(Utf8JsonWriter json, ParamRules rules)
    {
        if (!rules.IsEmpty)
        {
            json.WritePropertyName("rules");
            JsonSerializer.Serialize(json, rules, JsonSerializerOptions.Web);
        }
    }

    private static void WriteBackoff(Utf8JsonWriter json, Backoff backoff)
    {
        json.WriteStartObject("backoff");
        json.WriteNumber("baseMs", backoff.Base.TotalMilliseconds);
        json.WriteNumber("multiplier", backoff.Multiplier);
        WriteOptional(json, "capMs", backoff.Cap?.TotalMilliseconds);
        json.WriteString("jitter", backoff.Jitter.ToString());
        json.WriteEndObject();
    }

    private static Backoff ReadBackoff(JsonElement json) => new(
        TimeSpan.FromMilliseconds(json.GetProperty("baseMs").GetDouble()),
        json.GetProperty("multiplier").GetDouble(),
        json.TryGetProperty("capMs", out var cap) ? TimeSpan.FromMilliseconds(cap.GetDouble()) : null,
        Enum.Parse<JitterMode>(json.GetProperty("jitter").GetString()!));

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static void WriteOptional(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }
}
