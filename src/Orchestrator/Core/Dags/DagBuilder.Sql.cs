namespace DataPlatform.Orchestrator.Dags;

/// <summary>Tasks that are a statement.</summary>
public sealed partial class DagBuilder
{
    /// <summary>Adds a task that runs SQL in a transaction of its own and gives the number of rows it changed.</summary>
    /// <param name="id">Its name in this DAG.</param>
    /// <param name="connections">The host's databases.</param>
    /// <param name="connection">The name of one of them.</param>
    /// <param name="text">The SQL; placeholders become parameters, see <see cref="Execution.SqlTemplate"/>.</param>
    /// <param name="configure">Dependencies and settings.</param>
    public DagBuilder Sql(string id, SqlConnections connections, string connection, string text, Action<TaskBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(connections);
        ArgumentException.ThrowIfNullOrWhiteSpace(connection);
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        return connections.WhyNot(connection) is { } why
            ? throw new ArgumentException($"task '{id}': {why}.", nameof(connection))
            : Add(id, new SqlBody(connection, text, connections), configure, typeof(int));
    }
}
