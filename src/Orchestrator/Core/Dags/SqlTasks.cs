using System.Data.Common;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Execution;

namespace DataPlatform.Orchestrator.Dags;

/// <summary>Bodies that run SQL with placeholders, for <see cref="DagBuilder"/>.</summary>
public static class SqlTasks
{
    /// <summary>Runs a statement in a transaction of its own.</summary>
    /// <param name="connect">Opens a connection.</param>
    /// <param name="text">The SQL; placeholders become parameters, see <see cref="SqlTemplate"/>.</param>
    /// <param name="prefix">What a parameter begins with in the text.</param>
    /// <returns>A body that gives the number of rows it changed, and tells the statement as its lineage.</returns>
    public static Func<TaskContext, CancellationToken, Task<int>> Execute(
        Func<CancellationToken, Task<DbConnection>> connect, string text, string prefix = "@")
    {
        ArgumentNullException.ThrowIfNull(connect);
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        return async (context, cancellationToken) =>
        {
            var connection = await connect(cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
                await using (transaction.ConfigureAwait(false))
                {
                    var rows = await RunAsync(connection, transaction, text, prefix, context, cancellationToken).ConfigureAwait(false);
                    await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
                    return rows;
                }
            }
        };
    }

    private static async Task<int> RunAsync(
        DbConnection connection, DbTransaction transaction, string text, string prefix, TaskContext context,
            CancellationToken cancellationToken)
    {
        var command = connection.CreateCommand();
        await using (command.ConfigureAwait(false))
        {
            command.Transaction = transaction;
            SqlTemplate.Apply(command, text, context, prefix);
            var rows = await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            context.Lineage.Add(new LineageStep([], [], SqlTemplate.WithoutValues(text, context)));
            return rows;
        }
    }
}
