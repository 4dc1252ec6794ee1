using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Reflection;

namespace DataPlatform.Kernel.Storage;

/// <summary>The numbered SQL scripts that bring a database, step by step, to the schema a program knows.</summary>
/// <remarks>Immutable and thread-safe. A script never changes once it was published: a change is a further script.</remarks>
public sealed class SchemaScripts
{
    private readonly string[] _scripts;

    /// <summary>Scripts in their order.</summary>
    /// <param name="scripts">The first makes version 1 of an empty database, the next version 2 of that.</param>
    public SchemaScripts(IReadOnlyList<string> scripts)
    {
        ArgumentNullException.ThrowIfNull(scripts);
        ArgumentOutOfRangeException.ThrowIfZero(scripts.Count, nameof(scripts));
        _scripts = [.. scripts];
    }

    /// <summary>The version that the last script makes.</summary>
    public int Newest => _scripts.Length;

    /// <summary>The resources of an assembly whose names end with <c>.sql</c>; their logical names begin with <c>001-</c>, <c>002-</c> and so on.</summary>
    /// <param name="assembly">The assembly.</param>
    /// <exception cref="ArgumentException">There is none, or a number is missing or stands twice.</exception>
    public static SchemaScripts Embedded(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        var names = assembly.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).ToArray();
        for (var i = 0; i < names.Length; i++)
        {
            if (!names[i].StartsWith(string.Create(CultureInfo.InvariantCulture, $"{i + 1:D3}-"), StringComparison.Ordinal))
            {
                throw new ArgumentException($"'{names[i]}' of {assembly.GetName().Name} is not script {i + 1:D3}: number them without gaps.", nameof(assembly));
            }
        }

        return new SchemaScripts([.. names.Select(name => Read(assembly, name))]);
    }

    /// <summary>Refuses a schema's name that would have to be quoted.</summary>
    /// <param name="schema">The name.</param>
    /// <param name="parameter">What to name in the error.</param>
    /// <exception cref="ArgumentException">It is empty, or has other characters than lower-case letters, digits and <c>_</c>.</exception>
    public static void CheckName(string schema, string parameter)
    {
        if (string.IsNullOrEmpty(schema) || !schema.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_'))
        {
            throw new ArgumentException($"'{schema}' is no schema name of lower-case letters, digits and '_'.", parameter);
        }
    }

    /// <summary>Brings a SQLite file to the newest version, in one transaction; a file that has it is not written to.</summary>
    /// <param name="connection">An open connection to the file, outside a transaction.</param>
    /// <param name="file">Whose file it is.</param>
    /// <exception cref="DataPlatformException">The file is of something else, or of a newer program; made by <paramref name="file"/>.</exception>
    public void MigrateFile(DbConnection connection, SchemaFile file)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(file);

        // Takes the write lock at once: processes that start together migrate one after the other.
        using var transaction = connection.BeginTransaction(IsolationLevel.Serializable);
        for (var version = VersionOfFile(connection, file); version < Newest; version++)
        {
            Execute(connection, _scripts[version]);
            Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {version + 1}"));
        }

        if (Scalar(connection, "PRAGMA application_id") != file.ApplicationId)
        {
            Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {file.ApplicationId}"));
        }

        transaction.Commit();
    }

    /// <summary>The version of a SQLite file, once it is known to be ours and not from the future.</summary>
    /// <param name="connection">An open connection to the file.</param>
    /// <param name="file">Whose file it is.</param>
    /// <returns>0 for an empty file.</returns>
    /// <exception cref="DataPlatformException">The file is of something else, or of a newer program; made by <paramref name="file"/>.</exception>
    public int VersionOfFile(DbConnection connection, SchemaFile file)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(file);
        if (Scalar(connection, "PRAGMA application_id") != file.ApplicationId && !IsUnmarked(connection, file))
        {
            throw file.Refuse($"'{file.Path}' is a SQLite database of something else: give {file.Owner} its own file.");
        }

        var version = Scalar(connection, "PRAGMA user_version");
        return version <= Newest
            ? version
            : throw file.Refuse(
                $"'{file.Path}' has schema version {version} and this program knows {Newest}: upgrade the program, or open a copy made by an older one.");
    }

    /// <summary>Brings a schema of a PostgreSQL database to the newest version. Processes that start together do so one after the other.</summary>
    /// <param name="connection">An open connection in a transaction, whose search path is the schema; the caller commits.</param>
    /// <param name="schema">The schema's name, of lower-case letters, digits and <c>_</c>.</param>
    /// <param name="lockKey">The key of the advisory lock that is held until the transaction ends.</param>
    /// <param name="refuse">Makes the error for a schema of a newer program.</param>
    /// <param name="cancellationToken">Gives up; the caller rolls back.</param>
    public async Task MigrateSchemaAsync(
        DbConnection connection, string schema, long lockKey, Func<string, DataPlatformException> refuse, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(refuse);
        CheckName(schema, nameof(schema));
        await RunAsync(connection, string.Create(CultureInfo.InvariantCulture, $"SELECT pg_advisory_xact_lock({lockKey})"), cancellationToken)
            .ConfigureAwait(false);
        await RunAsync(
            connection,
            $"CREATE SCHEMA IF NOT EXISTS {schema}; CREATE TABLE IF NOT EXISTS {schema}.schema_version (version INTEGER NOT NULL)",
            cancellationToken).ConfigureAwait(false);
        var version = await RunAsync(connection, "SELECT max(version) FROM schema_version", cancellationToken).ConfigureAwait(false) as int? ?? 0;
        if (version > Newest)
        {
            throw refuse($"schema '{schema}' has version {version} and this program knows {Newest}: upgrade the program.");
        }

        for (; version < Newest; version++)
        {
            await RunAsync(connection, _scripts[version], cancellationToken).ConfigureAwait(false);
            await RunAsync(
                connection,
                string.Create(CultureInfo.InvariantCulture, $"INSERT INTO schema_version VALUES ({version + 1})"),
                cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Whether a file without our mark is ours all the same: it is new, or older than the mark.</summary>
    private static bool IsUnmarked(DbConnection connection, SchemaFile file)
        => Scalar(connection, "SELECT count(*) FROM sqlite_master") == 0
        || (file.UnmarkedTable is { } table && Scalar(connection, "PRAGMA application_id") == 0
            && Scalar(connection, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = $name", table) == 1);

    private static int Scalar(DbConnection connection, string sql, string? name = null)
    {
        using var command = Command(connection, sql);
        if (name is not null)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = ("$name", name);
            command.Parameters.Add(parameter);
        }

        return Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private static void Execute(DbConnection connection, string sql)
    {
        using var command = Command(connection, sql);
        command.ExecuteNonQuery();
    }

    private static async Task<object?> RunAsync(DbConnection connection, string sql, CancellationToken cancellationToken)
    {
        var command = Command(connection, sql);
        await using (command.ConfigureAwait(false))
        {
            return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static DbCommand Command(DbConnection connection, string sql)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // The engines' scripts and texts of this class; the schema's name was checked.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }

    private static string Read(Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
