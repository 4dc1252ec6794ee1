using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Orchestrator.Sqlite;

/// <summary>Moves the requests of a <see cref="SqliteTriggerOutbox"/> to an engine. A request is done once, however often the relay dies.</summary>
/// <remarks>
/// Thread-safe. It looks once a second, or when it is woken. A request that the engine refuses stays in the table with the reason in its column
/// <c>error</c>, for people; one that the engine could not take is tried again.
/// </remarks>
public sealed partial class SqliteTriggerRelay : IAsyncDisposable
{
    private const int PageSize = 256;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly OrchestratorEngine _engine;
    private readonly ILogger _logger;
    private readonly string _connectionString;
    private readonly SemaphoreSlim _woken = new(0, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    /// <summary>Begins to relay.</summary>
    /// <param name="path">The caller's SQLite file.</param>
    /// <param name="engine">The engine; it stays the caller's.</param>
    /// <param name="logger">Where requests that wait are told of; null for nowhere.</param>
    public SqliteTriggerRelay(string path, OrchestratorEngine engine, ILogger<SqliteTriggerRelay>? logger = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(engine);
        _engine = engine;
        _logger = logger ?? NullLogger<SqliteTriggerRelay>.Instance;
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite }.ConnectionString;
        _loop = Task.Run(() => RunAsync(_stop.Token));
    }

    /// <summary>Says that there may be a request; for callers that just committed one.</summary>
    public void Wake()
    {
        try
        {
            _woken.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _stop.Dispose();
        _woken.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                while (await MoveAsync(cancellationToken).ConfigureAwait(false) == PageSize)
                {
                    // There may be more.
                }

                await _woken.WaitAsync(LookEvery, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It is disposed of; what is left waits for the next relay.
        }
    }

    private async Task<int> MoveAsync(CancellationToken cancellationToken)
    {
        try
        {
            var requests = Read();
            foreach (var (id, request) in requests)
            {
                await MoveAsync(id, request, cancellationToken).ConfigureAwait(false);
            }

            return requests.Count;
        }
        catch (Exception exception) when (exception is SqliteException or DataPlatformException)
        {
            // The file is busy or has no table yet, or the engine cannot take requests now: they stay, and are looked for again.
            LogWaiting(exception.Message);
            return 0;
        }
    }

    private async Task MoveAsync(long id, QueuedCommand request, CancellationToken cancellationToken)
    {
        try
        {
            await _engine.AskAsync(request, cancellationToken).ConfigureAwait(false);
            Write($"DELETE FROM {SqliteTriggerOutbox.Table} WHERE id = $id", id, null);
        }
        catch (DataPlatformException exception) when (exception.Kind is ErrorKind.Invalid or ErrorKind.Conflict)
        {
            Write($"UPDATE {SqliteTriggerOutbox.Table} SET error = $error WHERE id = $id", id, exception.Message);
        }
    }

    [LoggerMessage(EventId = 3145, Level = LogLevel.Debug, Message = "Requests wait in the outbox: {Reason}")]
    private partial void LogWaiting(string reason);

    private List<(long Id, QueuedCommand Request)> Read()
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            $"SELECT id, dag_id, body, idempotency_key FROM {SqliteTriggerOutbox.Table} WHERE error IS NULL ORDER BY id LIMIT {PageSize}";
        using var reader = command.ExecuteReader();
        var requests = new List<(long, QueuedCommand)>();
        while (reader.Read())
        {
            requests.Add((reader.GetInt64(0), new QueuedCommand
            {
                Id = reader.GetInt64(0),
                DagId = reader.GetString(1),
                Body = reader.GetString(2),
                IdempotencyKey = reader.GetString(3),
            }));
        }

        return requests;
    }

    private void Write(string sql, long id, string? error)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Texts of this class; values are parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Parameters.AddWithValue("$id", id);
        if (error is not null)
        {
            command.Parameters.AddWithValue("$error", error);
        }

        command.ExecuteNonQuery();
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        return connection;
    }
}
