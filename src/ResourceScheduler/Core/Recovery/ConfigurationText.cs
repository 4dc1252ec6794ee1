using System.Text.Json;
using System.Text.Json.Serialization;

namespace DataPlatform.ResourceScheduler.Recovery;

/// <summary>Settings and queue trees as JSON inside the log: they are rare and gain members over time; one that is missing has its
/// default.</summary>
internal static class ConfigurationText
{
    private static readonly JsonSerializerOptions Json = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(), new VectorConverter() },
    };

    public static byte[] Write(SchedulerOptions options) => JsonSerializer.SerializeToUtf8Bytes(options, Json);

    public static SchedulerOptions ReadOptions(ReadOnlySpan<byte> text)
        => JsonSerializer.Deserialize<SchedulerOptions>(text, Json) ?? throw new FormatException("the settings are null");

    public static byte[] Write(QueueTree tree)
        => JsonSerializer.SerializeToUtf8Bytes(
            new NamedQueues([.. tree.Queues.Select(queue => new NamedQueue(queue.Path, queue.Options))], tree.Placement), Json);

    public static QueueTree ReadQueues(ReadOnlySpan<byte> text)
    {
        var tree = JsonSerializer.Deserialize<NamedQueues>(text, Json) ?? throw new FormatException("the queue tree is null");
        return new QueueTree(tree.Queues.Select(queue => KeyValuePair.Create(queue.Path, queue.Options)), tree.Placement);
    }

    private sealed record NamedQueues(NamedQueue[] Queues, Queues.QueuePlacement? Placement);

    private sealed record NamedQueue(string Path, QueueOptions Options);

    private sealed class VectorConverter : JsonConverter<ResourceVector>
    {
        public override ResourceVector Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var amounts = JsonSerializer.Deserialize<Dictionary<string, long>>(ref reader)!;
            var extras = amounts.Where(pair => pair.Key.StartsWith('+')).Select(pair => KeyValuePair.Create(pair.Key[1..], pair.Value));
            return new ResourceVector(0, 0, 0, extras) with
            {
                CpuMillis = amounts.GetValueOrDefault("cpu"),
                MemoryMiB = amounts.GetValueOrDefault("memory"),
                GpuMillis = amounts.GetValueOrDefault("gpu"),
            };
        }

        public override void Write(Utf8JsonWriter writer, ResourceVector value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            writer.WriteNumber("cpu", value.CpuMillis);
            writer.WriteNumber("memory", value.MemoryMiB);
            writer.WriteNumber("gpu", value.GpuMillis);
            foreach (var (name, amount) in value.Extras)
            {
                writer.WriteNumber("+" + name, amount);
            }

            writer.WriteEndObject();
        }
    }
}
