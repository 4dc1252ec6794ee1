using System.Reflection;
using System.Text.Json;

namespace DataPlatform.Orchestrator.Dags.TaskFlow;

/// <summary>A method that is a task, as its attributes say.</summary>
internal sealed class TaskMethod
{
    public TaskMethod(MethodInfo method, TaskAttribute settings)
    {
        Method = method;
        Settings = settings;
        Result = MethodResult.Of(method.ReturnType);
        Map = method.GetCustomAttribute<MapOverAttribute>();
        Group = method.GetCustomAttribute<GroupAttribute>()?.Id;
        var name = method.Name.EndsWith("Async", StringComparison.Ordinal) && method.Name.Length > 5 ? method.Name[..^5] : method.Name;
        LocalId = settings.Id ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
        Id = Group is null ? LocalId : $"{Group}.{LocalId}";
    }

    public MethodInfo Method { get; }

    public TaskAttribute Settings { get; }

    public MethodResult Result { get; }

    public MapOverAttribute? Map { get; }

    public string? Group { get; }

    /// <summary>The id inside its group.</summary>
    public string LocalId { get; }

    public string Id { get; }

    /// <summary>Whether it is mapped by itself or with its group.</summary>
    public bool IsMapped { get; set; }

    /// <summary>The mapped group it is in; null elsewhere.</summary>
    public string? MappedGroup { get; set; }

    public string Place => $"{Method.ReflectedType!.Name}.{Method.Name}";

    /// <summary>Whether a name in code means this task: its id, or its method's name however it is written.</summary>
    public bool IsCalled(string name) => name == Id || Plain(name) == Plain(LocalId) || Plain(name) == Plain(Method.Name);

    private static string Plain(string name)
    {
        var plain = name.Replace("_", string.Empty, StringComparison.Ordinal).Replace("-", string.Empty, StringComparison.Ordinal);
        return (plain.EndsWith("Async", StringComparison.Ordinal) && plain.Length > 5 ? plain[..^5] : plain).ToUpperInvariant();
    }
}
