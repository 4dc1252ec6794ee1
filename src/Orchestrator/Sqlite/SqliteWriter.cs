using System.Threading.Channels;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Orchestrator.Sqlite;

/// <summary>The one connection that writes, fed by a channel; each job is one <c>BEGIN IMMEDIATE</c> transaction.</summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    /// <summary>Jobs waiting; more make the caller wait.</summary>
    private const int JobsMax = 1_024;

    private readonly Channel<Job> _jobs = Channel.CreateBounded<Job>(new BoundedChannelOptions(JobsMax) { SingleReader = true });
    private readonly SqliteConnection _connection;
    private readonly Task _loop;

    public SqliteWriter(SqliteConnection connection)
    {
        _connection = connection;
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>Runs work in a transaction. Once the job is queued a cancellation no longer stops it.</summary>
    public async Task<T> WriteAsync<T>(Func<SqliteConnection, SqliteTransaction, T> work, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var job = new Job((connection, transaction) =>
        {
            var result = work(connection, transaction);
            return () => done.TrySetResult(result);
        }, exception => done.TrySetException(exception));
        try
        {
            await _jobs.Writer.WriteAsync(job, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException exception)
        {
            throw new OrchestratorStoreException(ErrorKind.Unavailable, "the store is closed.", exception);
        }

        return await done.Task.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        _jobs.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    private async Task LoopAsync()
    {
        await foreach (var job in _jobs.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            Run(job);
        }
    }

    private void Run(Job job)
    {
        try
        {
            using var transaction = _connection.BeginTransaction(deferred: false);
            var succeed = job.Work(_connection, transaction);
            transaction.Commit();
            succeed();
        }
        catch (SqliteException exception)
        {
            var kind = exception.SqliteErrorCode is 11 or 26 ? ErrorKind.Corrupt : exception.SqliteErrorCode == 19 ? ErrorKind.Conflict
                : ErrorKind.Unavailable;
            job.Fail(new OrchestratorStoreException(kind, $"SQLite did not write: {exception.Message}", exception));
        }
#pragma warning disable CA1031 // The error belongs to the caller of the job, who awaits it; the writer serves the next one.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            job.Fail(exception);
        }
    }

    private sealed record Job(Func<SqliteConnection, SqliteTransaction, Action> Work, Action<Exception> Fail);
}
