using System.Data.Common;
using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Feeds;
using DataPlatform.Kernel.Storage;
using DataPlatform.Orchestrator.Execution;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Dags;

/// <summary>Things to wait for with <see cref="DagBuilder.Sensor"/>.</summary>
public static class Sensors
{
    /// <summary>An instant, given by the run.</summary>
    /// <param name="instant">When, from the run's context.</param>
    /// <param name="time">The clock of the engine.</param>
    public static Func<TaskContext, CancellationToken, Task<bool>> At(Func<TaskContext, DateTimeOffset> instant, TimeProvider time) =>
        (context, _) => Task.FromResult(time.GetUtcNow() >= instant(context));

    /// <summary>An object in a store.</summary>
    /// <param name="store">Where.</param>
    /// <param name="path">Its path, from the run's context.</param>
    public static Func<TaskContext, CancellationToken, Task<bool>> Object(IObjectStore store, Func<TaskContext, string> path) =>
        async (context, cancellationToken) => await store.TryStatAsync(path(context), cancellationToken).ConfigureAwait(false) is not null;

    /// <summary>A version of a dataset, also one that changed no data.</summary>
    /// <param name="feed">Where versions are announced.</param>
    /// <param name="dataset">The dataset.</param>
    /// <param name="atLeast">The lowest version that counts, from the run's context.</param>
    public static Func<TaskContext, CancellationToken, Task<bool>> Dataset(
        IDatasetFeed feed, DatasetId dataset, Func<TaskContext, long> atLeast) =>
        (context, _) => Task.FromResult(feed.Latest(dataset) is { } latest && latest.Version >= atLeast(context));

    /// <summary>A query whose first value is neither null, false, zero, the text <c>0</c> nor empty.</summary>
    /// <param name="connect">Opens a connection.</param>
    /// <param name="command">Sets text and parameters from the run's context.</param>
    public static Func<TaskContext, CancellationToken, Task<bool>> Sql(
        Func<CancellationToken, Task<DbConnection>> connect, Action<TaskContext, DbCommand> command) =>
        async (context, cancellationToken) =>
        {
            var connection = await connect(cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                var query = connection.CreateCommand();
                await using (query.ConfigureAwait(false))
                {
                    command(context, query);
                    return IsTrue(await query.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false));
                }
            }
        };

    /// <summary>A query with placeholders, whose first value is neither null, false, zero, the text <c>0</c> nor empty.</summary>
    /// <param name="connect">Opens a connection.</param>
    /// <param name="text">The SQL; placeholders become parameters, see <see cref="SqlTemplate"/>.</param>
    /// <param name="prefix">What a parameter begins with in the text.</param>
    public static Func<TaskContext, CancellationToken, Task<bool>> Sql(
        Func<CancellationToken, Task<DbConnection>> connect, string text, string prefix = "@") =>
        Sql(connect, (context, command) => SqlTemplate.Apply(command, text, context, prefix));

    /// <summary>An address that answers with success.</summary>
    /// <param name="client">Sends the requests.</param>
    /// <param name="address">The address, from the run's context.</param>
    public static Func<TaskContext, CancellationToken, Task<bool>> Http(HttpClient client, Func<TaskContext, Uri> address) =>
        async (context, cancellationToken) =>
        {
            try
            {
                using var response = await client.GetAsync(address(context), cancellationToken).ConfigureAwait(false);
                return response.IsSuccessStatusCode;
            }
            catch (HttpRequestException exception)
            {
                context.Log($"no answer yet: {exception.Message}");
                return false;
            }
            catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
            {
                // The client's own time limit: whoever is slow to answer is asked again.
                context.Log($"no answer yet: {exception.Message}");
                return false;
            }
        };

    /// <summary>The success of another DAG's run with the same logical date.</summary>
    /// <param name="store">Where runs are kept.</param>
    /// <param name="dagId">The other DAG.</param>
    /// <param name="logicalDate">The other run's logical date; null: the same as this run's.</param>
    public static Func<TaskContext, CancellationToken, Task<bool>> Run(
        IOrchestratorStore store, string dagId, Func<TaskContext, DateTimeOffset>? logicalDate = null) =>
        async (context, cancellationToken) =>
        {
            var date = logicalDate?.Invoke(context) ?? context.LogicalDate;
            var runs = await store.ListRunsAsync(new RunQuery { DagId = dagId, LogicalFrom = date, LogicalTo = date }, cancellationToken)
                .ConfigureAwait(false);
            if (runs.Count > 0 && runs[0].State is DagRunState.Failed or DagRunState.Cancelled)
            {
                throw new TaskFailedException($"run {runs[0].Id} of DAG '{dagId}' for {date:u} ended as {runs[0].State}.", retry: false);
            }

            return runs.Count > 0 && runs[0].State == DagRunState.Success;
        };

    internal static bool IsTrue(object? value) => value switch
    {
        null or DBNull => false,
        bool flag => flag,
        string text => text.Length > 0 && text != "0",
        double or float => Convert.ToDouble(value, CultureInfo.InvariantCulture) != 0,
        sbyte or byte or short or ushort or int or uint or long or ulong or decimal => Convert.ToDecimal(value, CultureInfo.InvariantCulture) != 0,
        System.Numerics.BigInteger number => !number.IsZero,
        _ => true,
    };
}
