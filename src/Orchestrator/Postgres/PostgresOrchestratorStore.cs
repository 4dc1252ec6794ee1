using System.Globalization;
using System.Reflection;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;
using Npgsql;

namespace DataPlatform.Orchestrator.Postgres;

/// <summary>Keeps an orchestrator's state in PostgreSQL. Several schedulers work at once, each for a share of the DAGs.</summary>
/// <remarks>
/// Thread-safe. A scheduler's term is a lease by the database's clock, so clocks of machines do not matter; every batch renews it and carries
/// its term in the same transaction, and DAGs change hands only when the term's row is gone or their owner gives them back. So a scheduler that
/// was frozen can write nothing after others took over. Rows are images: a batch that is sent again after a lost connection leaves the same.
/// </remarks>
public sealed partial class PostgresOrchestratorStore : IOrchestratorStore
{
    private static readonly SchemaScripts Scripts = SchemaScripts.Embedded(Assembly.GetExecutingAssembly());

    private readonly Database _database;
    private readonly Signals _signals;
    private readonly PostgresFleet _fleet;
    private readonly PostgresCommandQueue _commands;

    private PostgresOrchestratorStore(Database database)
    {
        _database = database;
        _signals = new Signals(database);
        _fleet = new PostgresFleet(database, _signals);
        _commands = new PostgresCommandQueue(database, _signals);
    }

    /// <inheritdoc/>
    public ISchedulerFleet Fleet => _fleet;

    /// <inheritdoc/>
    public ICommandQueue Commands => _commands;

    internal Database Database => _database;

    internal Signals Signals => _signals;

    /// <summary>Opens a store, making or migrating its schema.</summary>
    /// <param name="connectionString">Where; the user must be allowed to make the schema.</param>
    /// <param name="options">Settings; null for defaults.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OrchestratorStoreException">The server does not answer, or the schema was written by a newer program.</exception>
    public static async Task<PostgresOrchestratorStore> OpenAsync(
        string connectionString, PostgresOrchestratorOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        options ??= new PostgresOrchestratorOptions();
        SchemaScripts.CheckName(options.Schema, nameof(options));
        var builder = new NpgsqlConnectionStringBuilder(connectionString)
        {
            SearchPath = options.Schema,
            MaxAutoPrepare = 50,
            AutoPrepareMinUsages = 2,
            TcpKeepAlive = true,
        };

        // A process that was frozen in a transaction must not hold its locks for ever.
        builder.Options = string.Create(
            CultureInfo.InvariantCulture, $"{builder.Options} -c idle_in_transaction_session_timeout={(long)options.Lease.TotalMilliseconds}").Trim();
        var database = new Database(NpgsqlDataSource.Create(builder.ConnectionString), options);
        var store = new PostgresOrchestratorStore(database);
        try
        {
            await database.WriteAsync(
                async (connection, token) =>
                {
                    // The key is "DPor".
                    await Scripts.MigrateSchemaAsync(
                        connection, options.Schema, 0x44506F72, message => new OrchestratorStoreException(ErrorKind.Invalid, message), token)
                        .ConfigureAwait(false);
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
            return store;
        }
        catch
        {
            await store.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<long> ClaimAsync(string owner, CancellationToken cancellationToken = default) => (long)(await _database.WriteAsync(
        (connection, token) => Database.ScalarAsync(
            connection,
            "INSERT INTO scheduler SELECT nextval('scheduler_term'), $1, clock_timestamp() + $2 RETURNING term",
            token,
            owner,
            _database.Options.Lease),
        cancellationToken).ConfigureAwait(false))!;

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(long term, CancellationToken cancellationToken = default) => _fleet.LeaveAsync(term, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask RegisterAsync(IReadOnlyList<Dag> dags, DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dags);
        const string Sql =
            "WITH v AS (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) AS t (hash, id, model)), " +
            "versions AS (INSERT INTO dag_version SELECT hash, id, model, $4 FROM v ON CONFLICT (hash) DO NOTHING) " +
            "INSERT INTO dag (id, hash, registered_at) SELECT id, hash, $4 FROM v ON CONFLICT (id) DO UPDATE SET hash = excluded.hash";
        await _database.WriteAsync(
            async (connection, token) =>
            {
                var command = new NpgsqlCommand(Sql, connection);
                await using (command.ConfigureAwait(false))
                {
                    command.Parameters.AddTexts(dags, dag => dag.Hash);
                    command.Parameters.AddTexts(dags, dag => dag.Id);
                    command.Parameters.AddTexts(dags, dag => dag.Model);
                    command.Parameters.Add(new NpgsqlParameter { Value = Micros.Of(now) });
                    return await command.ExecuteNonQueryAsync(token).ConfigureAwait(false);
                }
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask CommitAsync(StoreBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        await _database.WriteAsync(
            async (connection, token) =>
            {
                await BatchWriter.WriteAsync(connection, batch, _database.Options.Lease, token).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        if (batch.Answers.Count > 0 || batch.Runs.Exists(run => run.State.IsFinal()))
        {
            _signals.Send(FleetSignal.Answers);
        }

        if (batch.Updates.Count > 0)
        {
            _signals.Send(FleetSignal.Datasets);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _database.DisposeAsync();
}
