using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace DataPlatform.Orchestrator.Execution;

/// <summary>
/// Fills <c>{{name}}</c> in SQL texts and commands: <c>dag</c>, <c>run</c>, <c>task</c>, <c>try</c>, <c>epoch</c>, <c>map_index</c>,
/// <c>item</c>,
/// <c>logical_date</c>, <c>interval_start</c>, <c>interval_end</c> (ISO 8601, UTC; <c>|date</c> for the day), <c>params.NAME</c>,
/// <c>conf.NAME</c>,
/// <c>xcom.TASK</c> and <c>xcom.TASK.KEY</c>.
/// </summary>
/// <remarks>Values are inserted as they are. For SQL use parameters of the command where a value comes from outside.</remarks>
public static partial class Template
{
    /// <summary>Fills a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="context">The try it is for.</param>
    /// <exception cref="TaskFailedException">A name is not known or has no value; not retried.</exception>
    public static string Render(string text, TaskContext context)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(context);
        return Placeholder().Replace(text, match => Value(match.Groups[1].Value, context));
    }

    [GeneratedRegex(@"\{\{\s*([A-Za-z_][A-Za-z0-9_.\-|]*)\s*\}\}")]
    private static partial Regex Placeholder();

    private static string Value(string expression, TaskContext context)
    {
        var (name, filter) = expression.Split('|', 2) is [var left, var right] ? (left, right) : (expression, null);
        var value = name switch
        {
            "dag" => context.DagId,
            "run" => context.RunId.ToString(CultureInfo.InvariantCulture),
            "task" => context.TaskId,
            "try" => context.Try.ToString(CultureInfo.InvariantCulture),
            "epoch" => context.Epoch.ToString(CultureInfo.InvariantCulture),
            "map_index" => context.MapIndex.ToString(CultureInfo.InvariantCulture),
            "item" => Plain(context.ItemJson),
            "logical_date" => Instant(context.LogicalDate, filter),
            "interval_start" => Instant(context.DataInterval.Start, filter),
            "interval_end" => Instant(context.DataInterval.End, filter),
            _ => Lookup(name, context),
        };
        return value ?? throw new TaskFailedException($"'{{{{{expression}}}}}' has no value in task '{context.TaskId}'.", retry: false);
    }

    private static string? Lookup(string name, TaskContext context)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var rest = dot < 0 ? string.Empty : name[(dot + 1)..];
        return (dot < 0 ? name : name[..dot]) switch
        {
            "params" => Plain(context.ParamJson(rest)),
            "conf" => Plain(Property(context.ConfJson, rest)),
            "xcom" => Plain(context.PullJson(rest, TaskContext.ReturnKey)) ??
                (rest.LastIndexOf('.') is var last and > 0 ? Plain(context.PullJson(rest[..last], rest[(last + 1)..])) : null),
            _ => null,
        };
    }

    private static string Instant(DateTimeOffset instant, string? filter) =>
        instant.UtcDateTime.ToString(filter == "date" ? "yyyy-MM-dd" : "yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static string? Property(string? json, string name)
    {
        if (json is null)
        {
            return null;
        }

        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(name, out var value)
            ? value.GetRawText()
            : null;
    }

    /// <summary>A JSON string without its quotes; other values as they are written.</summary>
    private static string? Plain(string? json) => json?.StartsWith('"') == true ? JsonSerializer.Deserialize<string>(json) : json;
}
