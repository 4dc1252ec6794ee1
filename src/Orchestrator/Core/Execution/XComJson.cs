using System.Text;
using System.Text.Json;
using DataPlatform.Orchestrator.Dags;

namespace DataPlatform.Orchestrator.Execution;

internal static class XComJson
{
    public static string Write<T>(string taskId, string key, T value)
    {
        try
        {
            var json = JsonSerializer.Serialize<object?>(value, JsonSerializerOptions.Web);
            var bytes = Encoding.UTF8.GetByteCount(json);
            return bytes <= DagLimits.XComBytesMax
                ? json
                : throw new XComException(
                    $"task '{taskId}' pushed '{key}' with {bytes} bytes; at most {DagLimits.XComBytesMax} are kept: " +
                    "write it to a store and pass its name.");
        }
        catch (Exception exception) when (exception is NotSupportedException or JsonException)
        {
            throw new XComException($"task '{taskId}' pushed '{key}', which is not serialisable: {exception.Message}", exception);
        }
    }

    /// <summary>A text that may be JSON already.</summary>
    public static string FromText(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.GetRawText();
        }
        catch (JsonException)
        {
            return JsonSerializer.Serialize(text);
        }
    }

    public static T? Read<T>(string taskId, string key, string json)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, JsonSerializerOptions.Web);
        }
        catch (Exception exception) when (exception is NotSupportedException or JsonException)
        {
            throw new XComException($"'{key}' of task '{taskId}' is no {typeof(T).Name}: {exception.Message}", exception);
        }
    }
}
