using System.Data.Common;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace DataPlatform.Orchestrator.Execution;

/// <summary>Fills <c>{{name}}</c> in SQL with parameters of the command, never with text: whatever a value holds, it stays a
/// value.</summary>
/// <remarks>
/// Names and filters as of <see cref="Template"/>. A list becomes as many parameters with commas, as for <c>in ({{xcom.ids}})</c>; an
/// empty one becomes <c>NULL</c>, as does what has no value. <c>| id</c> inserts a quoted identifier, for names of tables and columns. A
/// placeholder inside quotes is refused, as it would be no value there; comments are left as they are.
/// </remarks>
public static class SqlTemplate
{
    /// <summary>Sets text and parameters of a command.</summary>
    /// <param name="command">The command; parameters it has stay.</param>
    /// <param name="text">The SQL.</param>
    /// <param name="context">The try it is for.</param>
    /// <param name="prefix">What a parameter begins with in the text: <c>@</c> for SQLite, PostgreSQL and SQL Server, <c>$</c> for
    /// DuckDB.</param>
    /// <exception cref="TaskFailedException">A placeholder cannot be read or stands in quotes; not retried.</exception>
    public static void Apply(DbCommand command, string text, TaskContext context, string prefix = "@")
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(context);
        command.CommandText = Fill(text, context, match => Insert(command, match, context, prefix));
    }

    /// <summary>The statement with <c>NULL</c> for each value: the same text at each run, for those who ask what it reads and writes.</summary>
    internal static string WithoutValues(string text, TaskContext context) => Fill(
        text, context, match => Template.Parse(match).IsIdentifier ? (string)Template.Evaluate(match, context)! : "NULL");

    private static string Fill(string text, TaskContext context, Func<Match, string> insert)
    {
        var filled = new StringBuilder(text.Length);
        var scanner = new SqlScanner(text);
        var from = 0;
        foreach (Match match in Template.Placeholder().Matches(text))
        {
            filled.Append(text, from, match.Index - from);
            from = match.Index + match.Length;
            filled.Append(scanner.PlaceAt(match.Index) switch
            {
                SqlPlace.Comment => match.Value,
                SqlPlace.Quoted => throw Template.Failed(
                    match.Value, context, "it stands in quotes; leave them out: it becomes a parameter", null),
                _ => insert(match),
            });
        }

        return filled.Append(text, from, text.Length - from).ToString();
    }

    /// <summary>The first placeholder that stands in quotes; null when none does.</summary>
    internal static string? FindQuoted(string text)
    {
        var scanner = new SqlScanner(text);
        return Template.Placeholder().Matches(text).FirstOrDefault(match => scanner.PlaceAt(match.Index) == SqlPlace.Quoted)?.Value;
    }

    private static string Insert(DbCommand command, Match match, TaskContext context, string prefix)
    {
        var value = Template.Evaluate(match, context);
        if (Template.Parse(match).IsIdentifier)
        {
            return (string)value!;
        }

        return value is JsonElement { ValueKind: JsonValueKind.Array } list
            ? list.GetArrayLength() == 0 ? "NULL"
                : string.Join(", ", list.EnumerateArray().Select(element => Add(command, element, prefix)))
            : Add(command, value, prefix);
    }

    private static string Add(DbCommand command, object? value, string prefix)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = string.Create(CultureInfo.InvariantCulture, $"dp_{command.Parameters.Count}");
        parameter.Value = Plain(value) ?? DBNull.Value;
        command.Parameters.Add(parameter);
        return prefix + parameter.ParameterName;
    }

    private static object? Plain(object? value) => value switch
    {
        JsonElement { ValueKind: JsonValueKind.Null } => null,
        JsonElement { ValueKind: JsonValueKind.True or JsonValueKind.False } flag => flag.GetBoolean(),
        JsonElement { ValueKind: JsonValueKind.Number } number => number.TryGetInt64(out var whole) ? whole
            : number.TryGetDecimal(out var exact) ? exact : number.GetDouble(),
        JsonElement { ValueKind: JsonValueKind.String } text => text.GetString(),
        JsonElement element => element.GetRawText(),
        ZonedTime time => time.Instant.ToUniversalTime(),
        _ => value,
    };
}
