using System.Text.Json;
using System.Text.RegularExpressions;
using DataPlatform.Orchestrator.Dags;

namespace DataPlatform.Orchestrator.Execution;

/// <summary>
/// Fills <c>{{name}}</c> in commands and SQL texts. Names: <c>dag</c>, <c>run</c>, <c>task</c>, <c>try</c>, <c>epoch</c>, <c>map_index</c>,
/// <c>item</c> and <c>item.NAME</c>, <c>logical_date</c>, <c>interval_start</c>, <c>interval_end</c>, <c>params.NAME</c>, <c>conf.NAME</c>,
/// <c>xcom.TASK</c> and <c>xcom.TASK.KEY</c>.
/// </summary>
/// <remarks>
/// Filters follow after bars: for instants <c>zone:Europe/Berlin</c>, <c>days:-1</c> and <c>months:1</c> (of the wall clock, also where the
/// clocks change), <c>add:-6h</c> (elapsed), <c>start:day</c>, <c>date</c>, <c>format:yyyyMMdd</c>, <c>unix</c>; for any value <c>sh</c>
/// (one word of a shell), <c>sql</c> (a literal), <c>id</c> (a quoted identifier), <c>json</c>, <c>upper</c>, <c>lower</c> and
/// <c>default:TEXT</c>. Instants are ISO 8601 in UTC unless a zone is set. <c>{{'{{'}}</c> writes two braces. Values are inserted as they
/// are unless a filter quotes them; see <see cref="SqlTemplate"/> for SQL with parameters.
/// </remarks>
public static partial class Template
{
    private static readonly string[] Names =
        ["dag", "run", "task", "try", "epoch", "map_index", "item", "logical_date", "interval_start", "interval_end"];

    /// <summary>Fills a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="context">The try it is for.</param>
    /// <exception cref="TaskFailedException">A placeholder cannot be read, or has no value; not retried.</exception>
    public static string Render(string text, TaskContext context)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(context);
        return Placeholder().Replace(
            text, match => TemplateText.Plain(Evaluate(match, context) ?? throw Failed(match.Value, context, "it has no value", null)));
    }

    /// <summary>Where a text has placeholders; the expression is the first group, which one that is never closed does not have.</summary>
    [GeneratedRegex(@"\{\{\s*((?>[A-Za-z_]|'[^'\n]*')(?>'[^'\n]*'|[^{}])*)\}\}|\{\{(?=\s*[A-Za-z_'])")]
    internal static partial Regex Placeholder();

    /// <summary>The value of a placeholder: a text, a number, a JSON value, an instant or a day; null for none.</summary>
    internal static object? Evaluate(Match match, TaskContext context)
    {
        try
        {
            var parsed = Parse(match);
            var value = parsed.Literal ?? Value(parsed.Name!, context);
            return parsed.Filters.Aggregate(value, (current, filter) => TemplateFilters.Apply(filter, current));
        }
        catch (FormatException exception)
        {
            throw Failed(match.Value, context, exception.Message, exception);
        }
    }

    internal static TemplateExpression Parse(Match match) => match.Groups[1].Success
        ? TemplateExpression.Parse(match.Groups[1].Value.TrimEnd())
        : throw new FormatException("it is not closed; two braces that are meant as such are written {{'{{'}}");

    /// <summary>What is wrong with the placeholders of a text wherever it is filled: unknown names, filters, parameters.</summary>
    /// <param name="text">The text.</param>
    /// <param name="parameters">The DAG's.</param>
    /// <param name="reachable">Whether a task comes before the one the text is of.</param>
    internal static IEnumerable<string> Problems(string text, IReadOnlyList<DagParam> parameters, Func<string, bool> reachable)
    {
        foreach (Match match in Placeholder().Matches(text))
        {
            if (WhyNot(match, parameters, reachable) is { } problem)
            {
                yield return $"'{match.Value}' {problem}";
            }
        }
    }

    private static string? WhyNot(Match match, IReadOnlyList<DagParam> parameters, Func<string, bool> reachable)
    {
        try
        {
            if (Parse(match).Name is not { } name || Names.Contains(name))
            {
                return null;
            }

            var (kind, rest) = Head(name);
            return kind switch
            {
                "item" or "conf" => null,
                "params" when parameters.Any(parameter => parameter.Name == rest) => null,
                "params" => $"names the parameter '{rest}', which the DAG does not have",
                "xcom" when reachable(rest) || (rest.LastIndexOf('.') is var dot and > 0 && reachable(rest[..dot])) => null,
                "xcom" => $"names the task '{rest}', which does not come before it",
                _ => $"is no name; there are {string.Join(", ", Names)}, item.NAME, params.NAME, conf.NAME and xcom.TASK",
            };
        }
        catch (FormatException exception)
        {
            return exception.Message;
        }
    }

    private static object? Value(string name, TaskContext context) => name switch
    {
        "dag" => context.DagId,
        "run" => context.RunId,
        "task" => context.TaskId,
        "try" => (long)context.Try,
        "epoch" => context.Epoch,
        "map_index" => (long)context.MapIndex,
        "item" => Json(context.ItemJson),
        "logical_date" => new ZonedTime(context.LogicalDate, TimeZoneInfo.Utc),
        "interval_start" => new ZonedTime(context.DataInterval.Start, TimeZoneInfo.Utc),
        "interval_end" => new ZonedTime(context.DataInterval.End, TimeZoneInfo.Utc),
        _ => Lookup(name, context),
    };

    private static JsonElement? Lookup(string name, TaskContext context)
    {
        var (kind, rest) = Head(name);
        return kind switch
        {
            "params" => Json(context.ParamJson(rest)),
            "conf" => Property(context.ConfJson, rest),
            "item" => rest.Split('.').Aggregate(context.ItemJson, (json, part) => Property(json, part)?.GetRawText()) is { } json
                ? Json(json) : null,
            "xcom" => Json(context.PullJson(rest, TaskContext.ReturnKey)) ??
                (rest.LastIndexOf('.') is var last and > 0 ? Json(context.PullJson(rest[..last], rest[(last + 1)..])) : null),
            _ => null,
        };
    }

    private static (string Kind, string Name) Head(string name) =>
        name.IndexOf('.', StringComparison.Ordinal) is var dot and >= 0 ? (name[..dot], name[(dot + 1)..]) : (name, string.Empty);

    private static JsonElement? Json(string? json)
    {
        if (json is null)
        {
            return null;
        }

        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind == JsonValueKind.Null ? null : document.RootElement.Clone();
    }

    private static JsonElement? Property(string? json, string name) =>
        Json(json) is { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out var value)
            && value.ValueKind != JsonValueKind.Null ? value : null;

    internal static TaskFailedException Failed(string placeholder, TaskContext context, string reason, Exception? cause) =>
        new($"'{placeholder}' in task '{context.TaskId}': {reason}.", retry: false, cause);
}
