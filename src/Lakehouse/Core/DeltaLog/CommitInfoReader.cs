using System.Text.Json;

namespace DataPlatform.Lakehouse.DeltaLog;

/// <summary>Reads commitInfo, whose content is free: a field of an unexpected type is left out instead of failing the commit.</summary>
internal static class CommitInfoReader
{
    public static CommitInfo Read(ref Utf8JsonReader reader)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException("commitInfo is not an object.");
        }

        return new CommitInfo
        {
            Timestamp = Number(root, "timestamp"),
            InCommitTimestamp = Number(root, "inCommitTimestamp"),
            Operation = Text(root, "operation"),
            OperationParameters = root.TryGetProperty("operationParameters", out var parameters) ? parameters.Clone() : null,
            OperationMetrics = Texts(root, "operationMetrics"),
            ReadVersion = Number(root, "readVersion"),
            IsolationLevel = Text(root, "isolationLevel"),
            IsBlindAppend = root.TryGetProperty("isBlindAppend", out var blind) && blind.ValueKind is JsonValueKind.True or JsonValueKind.False
                ? blind.GetBoolean() : null,
            Tags = Texts(root, "tags")?.ToDictionary(t => t.Key, t => (string?)t.Value, StringComparer.Ordinal),
            EngineInfo = Text(root, "engineInfo"),
            TxnId = Text(root, "txnId"),
            UserMetadata = Text(root, "userMetadata"),
        };
    }

    private static Dictionary<string, string>? Texts(JsonElement root, string name)
        => root.TryGetProperty(name, out var metrics) && metrics.ValueKind == JsonValueKind.Object
            ? metrics.EnumerateObject().GroupBy(m => m.Name)
                .ToDictionary(g => g.Key, g => g.Last().Value.ValueKind == JsonValueKind.String ? g.Last().Value.GetString()! : g.Last().Value.GetRawText())
            : null;

    private static long? Number(JsonElement root, string name)
        => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    private static string? Text(JsonElement root, string name)
        => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
