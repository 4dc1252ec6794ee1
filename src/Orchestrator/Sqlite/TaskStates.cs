using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Orchestrator.Sqlite;

/// <summary>Counts instances by task and state while their rows pass.</summary>
internal static class TaskStates
{
    private const int States = (int)TaskState.Cancelled + 1;

    /// <param name="rows">Task number and state, by task number.</param>
    /// <param name="runId">Their run.</param>
    /// <param name="counts">Where the counts go, by task number and state.</param>
    public static void Count(SqliteDataReader rows, long runId, List<TaskStateCount> counts)
    {
        Span<int> byState = stackalloc int[States];
        byState.Clear();
        var task = -1;
        while (rows.Read())
        {
            var number = rows.GetInt32(0);
            if (number != task)
            {
                Flush(runId, task, byState, counts);
                task = number;
            }

            byState[rows.GetInt32(1)]++;
        }

        Flush(runId, task, byState, counts);
    }

    private static void Flush(long runId, int task, Span<int> byState, List<TaskStateCount> counts)
    {
        for (var state = 0; task >= 0 && state < byState.Length; state++)
        {
            if (byState[state] > 0)
            {
                counts.Add(new TaskStateCount(runId, task, (TaskState)state, byState[state]));
            }
        }

        byState.Clear();
    }
}
