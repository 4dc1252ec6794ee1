using System.Globalization;
using System.Reflection;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;
using Npgsql;

namespace DataPlatform.Orchestrator.Postgres;

/// <summary>Brings a schema to this program's version: numbered scripts, in one transaction that holds an advisory lock.</summary>
internal static class Migrator
{
    private static readonly (int Version, string Sql)[] Scripts = LoadScripts();

    public static int Newest => Scripts[^1].Version;

    /// <exception cref="OrchestratorStoreException">The schema was written by a newer program.</exception>
    public static async Task MigrateAsync(NpgsqlConnection connection, string schema, CancellationToken cancellationToken)
    {
        // 0x44506F72 is "DPor": processes that start together migrate one after the other.
        await RunAsync(connection, "SELECT pg_advisory_xact_lock(1146121074)", cancellationToken).ConfigureAwait(false);
        await RunAsync(
            connection,
            $"CREATE SCHEMA IF NOT EXISTS {schema}; CREATE TABLE IF NOT EXISTS {schema}.schema_version (version INTEGER NOT NULL)",
            cancellationToken).ConfigureAwait(false);
        var version = await RunAsync(connection, "SELECT max(version) FROM schema_version", cancellationToken).ConfigureAwait(false) as int? ?? 0;
        if (version > Newest)
        {
            throw new OrchestratorStoreException(
                ErrorKind.Invalid, $"schema '{schema}' has version {version} and this program knows {Newest}: upgrade the program.");
        }

        foreach (var script in Scripts.Where(script => script.Version > version))
        {
            await RunAsync(connection, script.Sql, cancellationToken).ConfigureAwait(false);
            await RunAsync(connection, $"INSERT INTO schema_version VALUES ({script.Version})", cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<object?> RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Embedded scripts, and texts of this class; the schema's name was checked.
        var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await using (command.ConfigureAwait(false))
        {
            return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static (int, string)[] LoadScripts()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return
        [
            .. assembly.GetManifestResourceNames()
                .Where(name => name.EndsWith(".sql", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(name => (int.Parse(name.AsSpan(0, 3), CultureInfo.InvariantCulture), ReadScript(assembly, name))),
        ];
    }

    private static string ReadScript(Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
