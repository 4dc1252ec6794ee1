using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DataPlatform.Orchestrator.Dags.TaskFlow;

/// <summary>Parameters of runs that parameters of methods declare.</summary>
internal static class ClassParam
{
    /// <summary>Enumerations are given by name.</summary>
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
    };

    public static DagParam Of(ParameterInfo parameter, ParamAttribute attribute)
    {
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        var rules = attribute.Rules;
        if (type.IsEnum && rules.Choices.Count == 0)
        {
            rules = rules with { Choices = ParamRules.OneOf([.. Enum.GetNames(type)]).Choices };
        }

        var given = parameter.HasDefaultValue ? parameter.DefaultValue : null;
        var json = given is null ? null : JsonSerializer.Serialize(type.IsEnum ? Enum.ToObject(type, given) : given, Options);
        return new DagParam(attribute.Name ?? parameter.Name!, TypeOf(type), json, attribute.Description) { Rules = rules };
    }

    /// <exception cref="Execution.XComException">It is no such value.</exception>
    public static object? Read(string json, ParameterInfo parameter)
    {
        try
        {
            return JsonSerializer.Deserialize(json, parameter.ParameterType, Options);
        }
        catch (JsonException exception)
        {
            throw new Execution.XComException(
                $"the parameter '{parameter.Name}' is {json}, which is no {TypeMatch.Name(parameter.ParameterType)}.", exception);
        }
    }

    private static ParamType TypeOf(Type type) => type.IsEnum || TypeMatch.WhyNot(type, typeof(string)) is null && type != typeof(object)
        ? ParamType.String
        : TypeMatch.WhyNot(type, typeof(long)) is null && type != typeof(object) || type == typeof(ulong) ? ParamType.Integer
        : type == typeof(float) || type == typeof(double) || type == typeof(decimal) ? ParamType.Number
        : type == typeof(bool) ? ParamType.Boolean
        : TypeMatch.ElementOf(type) is not null ? ParamType.Array
        : ParamType.Object;
}
