using Microsoft.CodeAnalysis;

namespace DataPlatform.Orchestrator.Generators;

/// <summary>The attributes of classes that are DAGs, and their values.</summary>
internal static class AttributeNames
{
    public const string Namespace = "DataPlatform.Orchestrator.Dags.TaskFlow";

    public static AttributeData? Find(ISymbol symbol, string name)
        => symbol.GetAttributes().FirstOrDefault(attribute => Is(attribute.AttributeClass, name));

    /// <summary>The attribute that makes a method a task, whatever its kind.</summary>
    public static AttributeData? TaskOf(IMethodSymbol method) =>
        method.GetAttributes().FirstOrDefault(attribute => DerivesFromTask(attribute.AttributeClass));

    public static bool Is(INamedTypeSymbol? type, string name)
        => type?.Name == name + "Attribute" && type.ContainingNamespace.ToDisplayString() == Namespace;

    public static string? Text(AttributeData? attribute, string property) => Value(attribute, property)?.Value as string;

    public static string[] Texts(AttributeData? attribute, string property)
        => Value(attribute, property) is { Kind: TypedConstantKind.Array, IsNull: false } list
            ? [.. list.Values.Select(value => value.Value).OfType<string>()]
            : [];

    /// <summary>The texts of a constructor that takes any number of them.</summary>
    public static string[] Arguments(AttributeData? attribute)
        => attribute is null ? [] : [.. attribute.ConstructorArguments.SelectMany(argument => argument.Kind == TypedConstantKind.Array
            ? argument.IsNull ? [] : argument.Values.AsEnumerable()
            : [argument]).Select(value => value.Value).OfType<string>()];

    public static bool IsSet(AttributeData? attribute, string property) => Value(attribute, property) is { Value: true };

    public static int Number(AttributeData? attribute, string property) => Value(attribute, property)?.Value is int number ? number : 0;

    public static Location PlaceOf(AttributeData attribute, ISymbol owner)
        => attribute.ApplicationSyntaxReference is { } syntax ? Location.Create(syntax.SyntaxTree, syntax.Span) : owner.Locations[0];

    private static TypedConstant? Value(AttributeData? attribute, string property)
    {
        foreach (var named in attribute?.NamedArguments ?? [])
        {
            if (named.Key == property)
            {
                return named.Value;
            }
        }

        return null;
    }

    private static bool DerivesFromTask(INamedTypeSymbol? type)
    {
        for (; type is not null; type = type.BaseType)
        {
            if (Is(type, "Task"))
            {
                return true;
            }
        }

        return false;
    }
}
