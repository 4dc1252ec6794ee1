namespace DataPlatform.Orchestrator.Dags;

/// <summary>A statement over a connection of the host. Its text is part of the DAG's version: a run runs the SQL it was started with, over the
/// connection that has the name now. It gives the number of rows it changed.</summary>
/// <param name="Connection">The name of the connection.</param>
/// <param name="Text">The SQL; placeholders become parameters, see <see cref="Execution.SqlTemplate"/>.</param>
/// <param name="Connections">Where the name is looked up.</param>
public sealed record SqlBody(string Connection, string Text, SqlConnections Connections) : TaskBody
{
    /// <inheritdoc/>
    public override string Kind => "sql";
}
