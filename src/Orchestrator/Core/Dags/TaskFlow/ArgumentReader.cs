using System.Reflection;
using System.Text.Json;
using DataPlatform.Orchestrator.Execution;

namespace DataPlatform.Orchestrator.Dags.TaskFlow;

/// <summary>Finds out where each parameter of a task's method gets its value from.</summary>
internal sealed class ArgumentReader(TaskMethod task, Func<string, TaskMethod, TaskMethod?> find, Action<string> refuse)
{
    private static readonly NullabilityInfoContext Nullability = new();

    public IReadOnlyList<Argument> Read()
    {
        var arguments = task.Method.GetParameters().Select(Read).OfType<Argument>().ToList();
        var items = arguments.Where(argument => argument.IsItem).ToList();
        return items.Count < 2
            ? arguments
            : [.. arguments.Select(argument => argument.IsItem ? Part(argument.Parameter, items.IndexOf(argument)) : argument)];
    }

    private Argument? Read(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        if (type.IsByRef)
        {
            refuse($"'{parameter.Name}' is passed by reference: a task takes values.");
            return null;
        }

        if (type == typeof(TaskContext))
        {
            return new Argument(parameter, static (context, _) => context);
        }

        if (type == typeof(CancellationToken))
        {
            return new Argument(parameter, static (_, token) => token);
        }

        if (parameter.GetCustomAttribute<ParamAttribute>() is { } declared)
        {
            return OfRun(parameter, declared);
        }

        if (parameter.GetCustomAttribute<FromAttribute>() is { } from)
        {
            return find(from.Task, task) is { } named ? OfTask(parameter, named, from.Key)
                : Refused($"'{parameter.Name}' takes the value of '{from.Task}', which is no task of this class.");
        }

        if (!parameter.IsDefined(typeof(ItemAttribute)) && find(parameter.Name!, task) is { } producer && producer != task)
        {
            return OfTask(parameter, producer, TaskContext.ReturnKey);
        }

        return task.IsMapped
            ? new Argument(parameter, (context, _) => XComJson.Read(task.Id, "item", ItemOf(context), type)) { IsItem = true }
            : Refused($"'{parameter.Name}' names no task of this class; mark it with [Param] or [From], or map the task with [MapOver].");
    }

    private Argument? Refused(string message)
    {
        refuse(message);
        return null;
    }

    private static Argument OfRun(ParameterInfo parameter, ParamAttribute declared)
    {
        var param = ClassParam.Of(parameter, declared);
        return new Argument(parameter, (context, _) => context.ParamJson(param.Name) is { } json
            ? ClassParam.Read(json, parameter)
            : throw new XComException($"DAG '{context.DagId}' has no parameter '{param.Name}' with a value."))
        { Param = param };
    }

    private Argument OfTask(ParameterInfo parameter, TaskMethod producer, string key)
    {
        var isByIndex = producer.IsMapped && (producer.MappedGroup is null || producer.MappedGroup != task.MappedGroup);
        var input = new TaskInput(producer.Id, key, parameter.ParameterType, isByIndex, IsOptional(parameter));
        return new Argument(
            parameter,
            (context, _) => parameter.HasDefaultValue && !input.IsAll && context.PullJson(input.TaskId, input.Key) is null
                ? parameter.DefaultValue
                : context.Read(input))
        { Input = input };
    }

    /// <summary>One of several items: a product or zip gives an array of as many.</summary>
    private Argument Part(ParameterInfo parameter, int index) => new(parameter, (context, _) =>
    {
        var parts = XComJson.Read<JsonElement[]>(task.Id, "item", ItemOf(context))!;
        return XComJson.Read(task.Id, parameter.Name!, parts[index].GetRawText(), parameter.ParameterType);
    })
    { IsItem = true };

    private string ItemOf(TaskContext context) => context.ItemJson
        ?? throw new XComException($"task '{task.Id}' has no item: it is not mapped.");

    private static bool IsOptional(ParameterInfo parameter)
    {
        if (parameter.HasDefaultValue || Nullable.GetUnderlyingType(parameter.ParameterType) is not null)
        {
            return true;
        }

        lock (Nullability)
        {
            return Nullability.Create(parameter).WriteState == NullabilityState.Nullable;
        }
    }
}
