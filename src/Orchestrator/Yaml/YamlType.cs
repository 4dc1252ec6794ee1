namespace DataPlatform.Orchestrator.Yaml;

/// <summary>Types of values as YAML declares them: <c>text</c>, <c>integer</c>, <c>list of number</c>.</summary>
internal static class YamlType
{
    public const string Pattern = "^(list of )?(text|integer|number|flag|object|anything)$|^(list|nothing)$";

    private const string ListOf = "list of ";

    public static Type Of(YamlPlace place) => Find(place.Text())
        ?? throw place.Wrong(
            $"'{place.Name}' must be text, integer, number, flag, object, anything, nothing, list or 'list of' one of them, not '{place.Text()}'");

    private static Type? Find(string text) => text switch
    {
        "text" => typeof(string),
        "integer" => typeof(long),
        "number" => typeof(double),
        "flag" => typeof(bool),
        "object" => typeof(Dictionary<string, object>),
        "anything" => typeof(object),
        "nothing" => typeof(void),
        "list" => typeof(object[]),
        _ when text.StartsWith(ListOf, StringComparison.Ordinal) && Find(text[ListOf.Length..]) is { IsArray: false } element
            && element != typeof(void) =>
            element.MakeArrayType(),
        _ => null,
    };
}
