using System.Text.Json;

namespace DataPlatform.Orchestrator.Dags;

/// <summary>What of a body is data and so part of the model: a command whole, and how sensors and short circuits behave.</summary>
/// <remarks>A run that is pinned to an earlier version runs that version's commands, and the registered code.</remarks>
internal static class TaskBodyDocument
{
    public static void Write(Utf8JsonWriter json, TaskBody body)
    {
        switch (body)
        {
            case CommandBody command:
                json.WritePropertyName("command");
                JsonSerializer.Serialize(
                    json, new Command(command.File, command.Arguments,
                        new SortedDictionary<string, string>(command.Environment.ToDictionary(), StringComparer.Ordinal)),
                    JsonSerializerOptions.Web);
                break;
            case SqlBody sql:
                json.WritePropertyName("sql");
                JsonSerializer.Serialize(json, new Statement(sql.Connection, sql.Text), JsonSerializerOptions.Web);
                break;
            case SensorBody sensor:
                json.WritePropertyName("sensor");
                JsonSerializer.Serialize(json, Sensor.Of(sensor.Options), JsonSerializerOptions.Web);
                break;
            case ShortCircuitBody check:
                json.WriteBoolean("ignoresRules", check.IgnoresRules);
                break;
            default:
                break;
        }
    }

    /// <param name="json">A task of a stored model.</param>
    /// <param name="registered">The body that the registered DAG has for it now; null for none.</param>
    public static TaskBody Read(JsonElement json, TaskBody? registered)
    {
        if (json.TryGetProperty("command", out var command))
        {
            var stored = command.Deserialize<Command>(JsonSerializerOptions.Web)!;
            return new CommandBody(stored.File, stored.Arguments, stored.Environment);
        }

        if (json.TryGetProperty("sql", out var sql))
        {
            // A database is of the process: where the registered DAG has no SQL any more, there is nothing to run it on.
            var stored = sql.Deserialize<Statement>(JsonSerializerOptions.Web)!;
            return new SqlBody(stored.Connection, stored.Text, (registered as SqlBody)?.Connections ?? new SqlConnections());
        }

        return registered switch
        {
            SensorBody sensor when json.TryGetProperty("sensor", out var options) =>
                sensor with { Options = options.Deserialize<Sensor>(JsonSerializerOptions.Web)!.ToOptions() },
            ShortCircuitBody check when json.TryGetProperty("ignoresRules", out var ignores) =>
                check with { IgnoresRules = ignores.GetBoolean() },
            null => new MissingBody(),
            _ => registered,
        };
    }

    private sealed record Command(string File, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment);

    private sealed record Statement(string Connection, string Text);

    private sealed record Sensor(double IntervalMs, double? TimeoutMs, string Mode, bool SkipsOnTimeout)
    {
        public static Sensor Of(SensorOptions options) =>
            new(options.Interval.TotalMilliseconds, options.Timeout?.TotalMilliseconds, options.Mode.ToString(), options.SkipsOnTimeout);

        public SensorOptions ToOptions() => new(
            TimeSpan.FromMilliseconds(IntervalMs), TimeoutMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null,
                Enum.Parse<SensorMode>(Mode), SkipsOnTimeout);
    }
}
