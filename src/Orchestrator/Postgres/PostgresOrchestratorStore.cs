using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Metadata;
using Npgsql;

namespace DataPlatform.Orchestrator.Postgres;

/// <summary>Keeps an orchestrator's state in PostgreSQL. One scheduler works, others stand by in <see cref="ClaimAsync"/> and take
/// over.</summary>
/// <remarks>
/// Thread-safe. A claim is a lease by the database's clock, so clocks of machines do not matter; every batch renews it and carries its
/// term in the
/// same transaction, so a scheduler that was frozen can write nothing after its successor began. Rows are images: a batch that is sent
/// again after
/// a lost connection leaves the same.
/// </remarks>
public sealed partial class PostgresOrchestratorStore : IOrchestratorStore
{
    private readonly NpgsqlDataSource _source;
    private readonly PostgresOrchestratorOptions _options;

    private PostgresOrchestratorStore(NpgsqlDataSource source, PostgresOrchestratorOptions options)
    {
        _source = source;
        _options = options;
    }

    /// <inheritdoc/>
    public TimeSpan? RenewEvery => _options.Lease / 3;

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
        if (!options.Schema.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_'))
        {
            throw new ArgumentException($"'{options.Schema}' is no schema name of lower-case letters, digits and '_'.", nameof(options));
        }

        var builder = new NpgsqlConnectionStringBuilder(connectionString)
        {
            SearchPath = options.Schema,
            MaxAutoPrepare = 50,
            AutoPrepareMinUsages = 2
        };
        var store = new PostgresOrchestratorStore(NpgsqlDataSource.Create(builder.ConnectionString), options);
        try
        {
            await store.WriteAsync(
                async (connection, token) =>
                {
                    await Migrator.MigrateAsync(connection, options.Schema, token).ConfigureAwait(false);
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
    /// <remarks>Waits while another scheduler holds a claim that has not run out.</remarks>
    public async ValueTask<long> ClaimAsync(string owner, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var term = await WriteAsync(
                async (connection, token) => await ScalarAsync(
                    connection,
                    "UPDATE scheduler SET term = term + 1, owner = $1, lease_until = clock_timestamp() + $2 WHERE lease_until <= clock_timestamp() RETURNING term",
                    token,
                    owner,
                    _options.Lease).ConfigureAwait(false),
                cancellationToken).ConfigureAwait(false);
            if (term is long claimed)
            {
                return claimed;
            }

            await Task.Delay(_options.Lease / 10, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask RenewAsync(long term, CancellationToken cancellationToken = default) => await WriteAsync(
        async (connection, token) =>
        {
            await CheckTermAsync(connection, term, token).ConfigureAwait(false);
            return true;
        },
        cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask ReleaseAsync(long term, CancellationToken cancellationToken = default) => await WriteAsync(
        (connection, token) =>
            ScalarAsync(connection, "UPDATE scheduler SET lease_until = clock_timestamp() WHERE term = $1 RETURNING term", token, term),
        cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask RegisterAsync(IReadOnlyList<Dag> dags, DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dags);
        const string Sql =
            "WITH v AS (SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) AS t (hash, id, model)), " +
            "versions AS (INSERT INTO dag_version SELECT hash, id, model, $4 FROM v ON CONFLICT (hash) DO NOTHING) " +
            "INSERT INTO dag (id, hash, registered_at) SELECT id, hash, $4 FROM v ON CONFLICT (id) DO UPDATE SET hash = excluded.hash";
        await WriteAsync(
            async (connection, token) =>
            {
                var command = new NpgsqlCommand(Sql, connection);
                await using (command.ConfigureAwait(false))
                {
                    command.AddTexts(dags, dag => dag.Hash);
                    command.AddTexts(dags, dag => dag.Id);
                    command.AddTexts(dags, dag => dag.Model);
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
        await WriteAsync(
            async (connection, token) =>
            {
                await CheckTermAsync(connection, batch.Term, token).ConfigureAwait(false);
                await BatchWriter.WriteAsync(connection, batch, token).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _source.DisposeAsync();

    /// <summary>Renews the lease and locks its row until the transaction ends, so that nobody can claim in between.</summary>
    private async Task CheckTermAsync(NpgsqlConnection connection, long term, CancellationToken cancellationToken)
    {
        const string Sql = "UPDATE scheduler SET lease_until = clock_timestamp() + $2 WHERE term = $1 RETURNING term";
        if (await ScalarAsync(connection, Sql, cancellationToken, term, _options.Lease).ConfigureAwait(false) is null)
        {
            throw new OrchestratorStoreException(ErrorKind.Conflict, $"term {term} is over: another scheduler owns the store now.");
        }
    }
}
