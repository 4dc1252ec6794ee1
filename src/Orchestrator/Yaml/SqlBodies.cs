using DataPlatform.Orchestrator.Dags;

namespace DataPlatform.Orchestrator.Yaml;

/// <summary><c>sql:</c> with its <c>connection:</c>.</summary>
internal static class SqlBodies
{
    /// <summary>Adds the task.</summary>
    /// <param name="builder">The DAG, at the task's group.</param>
    /// <param name="connections">The host's databases.</param>
    /// <param name="task">The task.</param>
    /// <param name="body">Its <c>sql:</c>.</param>
    /// <param name="connection">Its <c>connection:</c>; null where there is none.</param>
    /// <param name="configure">Its other properties.</param>
    public static void Add(
        DagBuilder builder, SqlConnections connections, YamlPlace task, YamlPlace body, YamlPlace? connection, Action<TaskBuilder> configure)
    {
        var name = connection?.Text() ?? throw body.Wrong("'sql' needs a 'connection': the name of a database that the host knows");
        if (connections.WhyNot(name) is { } why)
        {
            throw connection.Wrong(why);
        }

        var text = body.Text();
        if (string.IsNullOrWhiteSpace(text))
        {
            throw body.Wrong("'sql' is empty");
        }

        builder.Sql(task.Name, connections, name, text, configure);
    }
}
