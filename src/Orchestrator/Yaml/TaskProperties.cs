using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;

namespace DataPlatform.Orchestrator.Yaml;

/// <summary>What a task may have beside its body. Reading and the schema come from this one table.</summary>
internal static class TaskProperties
{
    private static readonly string[] BackoffNames = ["base", "multiplier", "cap", "jitter"];
    private static readonly string[] PoolNames = ["name", "slots"];
    private static readonly string[] ResourceNames = ["cpu", "memory"];
    private static readonly string[] MapNames = ["over", "concat", "product", "zip", "max"];

    public static IReadOnlyList<YamlProperty<TaskBuilder>> All { get; } =
    [
        new("after", "texts", (task, place) => task.After([.. place.Texts()])),
        new("rule", "trigger-rule", (task, place) => task.TriggerRule(place.Choice<TriggerRule>())),
        new("retries", "count", (task, place) => task.Retries(place.WholeNumber())),
        new("backoff", "backoff", (_, _) => { }),
        new("pool", "pool", Pool),
        new("priority", "integer", (task, place) => task.Priority(place.WholeNumber(int.MinValue))),
        new("queue", "text", (task, place) => task.Queue(place.Text())),
        new("resources", "resources", Resources),
        new("timeout", "duration", (task, place) => task.Timeout(place.Duration())),
        new("executor", "text", (task, place) => task.Executor(place.Text())),
        new("maxActive", "positive", (task, place) => task.MaxActive(place.WholeNumber(1))),
        new("maxActivePerRun", "positive", (task, place) => task.MaxActivePerRun(place.WholeNumber(1))),
        new("map", "map", Map),
        new("item", "type", (task, place) => task.TakesItem(YamlType.Of(place))),
        new("returns", "type", (task, place) => task.Gives(YamlType.Of(place))),
        new("setup", "flag", (task, place) => { if (place.Flag()) { task.Setup(); } }),
        new("teardown", "texts", (task, place) => task.Teardown([.. place.Texts()])),
        new("inlets", "texts", (task, place) => Datasets(place, dataset => task.Inlets(dataset))),
        new("outlets", "texts", (task, place) => Datasets(place, dataset => task.Outlets(dataset))),
        new("dependsOnPast", "flag", (task, place) => { if (place.Flag()) { task.DependsOnPast(); } }),
        new("waitsForDownstream", "flag", (task, place) => { if (place.Flag()) { task.DependsOnPast(waitsForDownstream: true); } }),
    ];

    /// <summary>Applies the properties of a task. A back-off means nothing without retries, so both are read together.</summary>
    public static void Apply(TaskBuilder task, IReadOnlyList<YamlPlace> entries)
    {
        foreach (var entry in entries)
        {
            if (All.FirstOrDefault(p => p.Name == entry.Name) is { } property)
            {
                Guarded(entry, () => property.Apply(task, entry));
            }
        }

        if (entries.FirstOrDefault(e => e.Name == "backoff") is { } backoff)
        {
            var retries = entries.FirstOrDefault(e => e.Name == "retries")
                ?? throw backoff.Wrong("'backoff' needs 'retries': there is nothing to wait for");
            Guarded(backoff, () => task.Retries(retries.WholeNumber(), BackoffOf(backoff)));
        }
    }

    /// <summary>Runs a builder's call and points its refusal at the value.</summary>
    public static void Guarded(YamlPlace place, Action apply)
    {
        try
        {
            apply();
        }
        catch (ArgumentException e)
        {
            throw place.Wrong($"'{place.Name}' cannot be so: {e.Message}", e);
        }
    }

    private static Backoff BackoffOf(YamlPlace place)
    {
        var entries = place.Entries(BackoffNames);
        YamlPlace? Find(string name) => entries.FirstOrDefault(e => e.Name == name);
        return new Backoff(
            Find("base")?.Duration() ?? Backoff.Default.Base,
            Find("multiplier")?.Number() ?? Backoff.Default.Multiplier,
            Find("cap")?.Duration(),
            Find("jitter")?.Choice<JitterMode>() ?? Backoff.Default.Jitter);
    }

    /// <summary>One by one, so that a wrong name is pointed at and not its list.</summary>
    private static void Datasets(YamlPlace place, Action<DatasetId> add)
    {
        foreach (var item in place.Items())
        {
            Guarded(item, () => add(new DatasetId(item.Text())));
        }
    }

    private static void Pool(TaskBuilder task, YamlPlace place)
    {
        if (!place.IsMapping)
        {
            task.Pool(place.Text());
            return;
        }

        var entries = place.Entries(PoolNames);
        task.Pool(
            entries.FirstOrDefault(e => e.Name == "name")?.Text() ?? throw place.Wrong("'pool' needs a 'name'"),
            entries.FirstOrDefault(e => e.Name == "slots")?.WholeNumber(1) ?? 1);
    }

    private static void Resources(TaskBuilder task, YamlPlace place)
    {
        var entries = place.Entries(ResourceNames);
        task.Resources(
            entries.FirstOrDefault(e => e.Name == "cpu") is { } cpu ? CpuMillis(cpu) : 0,
            entries.FirstOrDefault(e => e.Name == "memory") is { } memory ? MemoryMiB(memory) : 0);
    }

    // 500m is half a core and 2 are two, as in Kubernetes.
    private static int CpuMillis(YamlPlace place)
    {
        var text = place.Text();
        var isMillis = text.EndsWith('m');
        return decimal.TryParse(isMillis ? text[..^1] : text, System.Globalization.CultureInfo.InvariantCulture, out var number)
            && number is >= 0 and < 1_000_000
            ? (int)(isMillis ? number : number * 1000)
            : throw place.Wrong($"'cpu' must be cores such as 0.5 or thousandths such as 500m, not '{text}'");
    }

    private static int MemoryMiB(YamlPlace place)
    {
        var text = place.Text();
        var factor = text.EndsWith("GiB", StringComparison.Ordinal) ? 1024 : text.EndsWith("MiB", StringComparison.Ordinal) ? 1 : 0;
        return factor > 0 && int.TryParse(text[..^3].TrimEnd(), System.Globalization.CultureInfo.InvariantCulture, out var number)
            && number is >= 0 and < 1_000_000
            ? number * factor
            : throw place.Wrong($"'memory' must be such as 512MiB or 2GiB, not '{text}'");
    }

    private static void Map(TaskBuilder task, YamlPlace place)
    {
        var (source, max) = MapOf(place);
        task.Over(source);
        _ = max is { } instances ? task.MapLengthMax(instances) : task;
    }

    /// <summary>Reads what a task or a group is mapped over, and the most instances.</summary>
    public static (MapSource Source, int? Max) MapOf(YamlPlace place)
    {
        MapSource? source = null;
        int? max = null;
        foreach (var entry in place.Entries(MapNames))
        {
            if (entry.Name == "max")
            {
                max = entry.WholeNumber(1);
                continue;
            }

            if (source is not null)
            {
                throw entry.Wrong("'map' is over one of 'over', 'concat', 'product' and 'zip'");
            }

            string[] tasks = [.. entry.Texts()];
            source = entry.Name switch
            {
                "product" => MapSource.Product(tasks),
                "zip" => MapSource.Zip(tasks),
                _ => MapSource.Concat(tasks),
            };
        }

        return (source ?? throw place.Wrong("'map' needs one of 'over', 'concat', 'product' and 'zip'"), max);
    }
}
