using DataPlatform.Orchestrator.Execution;

namespace DataPlatform.Orchestrator.Postgres;

/// <summary>Reads values when a body asks for them. Blocks the body's thread, because bodies read without waiting.</summary>
internal sealed class RemoteXComs(Database database) : IXComReader
{
    public string? Find(long runId, int taskNumber, int mapIndex, string name) => Read(
        "SELECT json FROM xcom WHERE run_id = $1 AND task_no = $2 AND name = $3 AND map_index = $4", runId, (long)taskNumber, name, (long)mapIndex)
        .FirstOrDefault();

    public IReadOnlyList<string> FindAll(long runId, int taskNumber, string? name) => name is null
        ? Read("SELECT json FROM xcom WHERE run_id = $1 AND task_no = $2 ORDER BY name, map_index", runId, (long)taskNumber)
        : Read("SELECT json FROM xcom WHERE run_id = $1 AND task_no = $2 AND name = $3 ORDER BY map_index", runId, (long)taskNumber, name);

    private List<string> Read(string sql, params object[] values)
    {
#pragma warning disable CA2100 // Texts of this class; values are parameters.
        using var command = database.Source.CreateCommand(sql);
#pragma warning restore CA2100
        command.Parameters.AddValues(values);
        using var reader = command.ExecuteReader();
        var found = new List<string>();
        while (reader.Read())
        {
            found.Add(reader.GetString(0));
        }

        return found;
    }
}
