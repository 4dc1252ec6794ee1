using System.Text;
using System.Text.Json;
using DataPlatform.Orchestrator.Dags;

namespace DataPlatform.Orchestrator.Execution;

internal static class XComJson
{
    public static string Write(string taskId, string key, object? value, int bytesMax)
    {
        try
        {
            return Check(taskId, key, JsonSerializer.Serialize(value, JsonSerializerOptions.Web), bytesMax);
        }
        catch (Exception exception) when (
            exception is NotSupportedException or JsonException or ArgumentException or InvalidOperationException)
        {
            throw new XComException(
                $"task '{taskId}' pushed '{key}', a {value?.GetType().Name}, which is not serialisable: {exception.Message}", exception);
        }
    }

    /// <summary>A value that is JSON already.</summary>
    public static string Check(string taskId, string key, string json, int bytesMax)
    {
        var bytes = Encoding.UTF8.GetByteCount(json);
        if (bytes > bytesMax)
        {
            throw new XComException(
                $"task '{taskId}' pushed '{key}' with {bytes} bytes; at most {bytesMax} are kept: write it to a store and pass its name" +
                (bytesMax <= DagLimits.XComBytesMax ? ", or give the engine a store for large values." : "."));
        }

        return XComReference.IsReserved(json)
            ? throw new XComException($"task '{taskId}' pushed '{key}' with a property '$xcom', which is reserved for large values.")
            : json;
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

    public static T? Read<T>(string taskId, string key, string json) => (T?)Read(taskId, key, json, typeof(T));

    public static object? Read(string taskId, string key, string json, Type type)
    {
        try
        {
            return JsonSerializer.Deserialize(json, type, JsonSerializerOptions.Web);
        }
        catch (Exception exception) when (exception is NotSupportedException or JsonException or InvalidOperationException)
        {
            throw new XComException($"'{key}' of task '{taskId}' is no {TypeMatch.Name(type)}: {exception.Message}", exception);
        }
    }
}
