using System.Text;
using Microsoft.CodeAnalysis;

namespace DataPlatform.Orchestrator.Generators;

/// <summary>A method that is a task, as the compiler sees it; names mean what they mean when the class is compiled into a DAG.</summary>
internal sealed class TaskSymbol
{
    public TaskSymbol(IMethodSymbol method, AttributeData attribute)
    {
        Method = method;
        Attribute = attribute;
        Map = AttributeNames.Find(method, "MapOver");
        Group = AttributeNames.Arguments(AttributeNames.Find(method, "Group")).FirstOrDefault();
        LocalId = AttributeNames.Text(attribute, "Id") ?? SnakeCase(WithoutAsync(method.Name));
        Id = Group is null ? LocalId : $"{Group}.{LocalId}";
        Result = ResultOf(method.ReturnType);
    }

    public IMethodSymbol Method { get; }

    public AttributeData Attribute { get; }

    public AttributeData? Map { get; }

    public string? Group { get; }

    public string LocalId { get; }

    public string Id { get; }

    /// <summary>What is passed on; null for nothing.</summary>
    public ITypeSymbol? Result { get; }

    /// <summary>The mapped group it is in; null elsewhere.</summary>
    public string? MappedGroup { get; set; }

    public bool IsMapped => Map is not null || MappedGroup is not null;

    public string Place => $"{Method.ContainingType.Name}.{Method.Name}";

    public bool IsKind(string name) => AttributeNames.Is(Attribute.AttributeClass, name);

    public bool IsCalled(string name) => name == Id || Plain(name) == Plain(LocalId) || Plain(name) == Plain(Method.Name);

    private static string Plain(string name) => WithoutAsync(name.Replace("_", string.Empty).Replace("-", string.Empty)).ToUpperInvariant();

    private static string WithoutAsync(string name) => name.EndsWith("Async", StringComparison.Ordinal) && name.Length > 5
        ? name.Substring(0, name.Length - 5) : name;

    private static string SnakeCase(string name)
    {
        var text = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]) && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1]))))
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }

    private static ITypeSymbol? ResultOf(ITypeSymbol returned)
    {
        if (returned.SpecialType == SpecialType.System_Void)
        {
            return null;
        }

        var isTask = returned is INamedTypeSymbol { Name: "Task" or "ValueTask" }
            && returned.ContainingNamespace.ToDisplayString() == "System.Threading.Tasks";
        return !isTask ? returned : (returned as INamedTypeSymbol)?.TypeArguments.FirstOrDefault();
    }
}
