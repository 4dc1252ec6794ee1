using System.Globalization;
using System.Reflection;
using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Metadata;
using Microsoft.Data.Sqlite;

namespace DataPlatform.Orchestrator.Sqlite;

/// <summary>Brings a file to this program's schema: numbered scripts, each in its own transaction together with its number.</summary>
internal static class Migrator
{
    /// <summary>"DPor", so that <c>file</c> and we can tell whose database it is.</summary>
    private const int ApplicationId = 0x44506F72;

    private static readonly (int Version, string Sql)[] Scripts = LoadScripts();

    public static int Newest => Scripts[^1].Version;

    public static void Migrate(SqliteConnection connection, string path)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        var version = CheckVersion(connection, path);
        foreach (var script in Scripts.Where(script => script.Version > version))
        {
            Execute(connection, script.Sql);
            Execute(connection, $"PRAGMA user_version = {script.Version}");
        }

        Execute(connection, $"PRAGMA application_id = {ApplicationId}");
        transaction.Commit();
    }

    /// <summary>The version of the file, once it is known to be ours and not from the future.</summary>
    public static int CheckVersion(SqliteConnection connection, string path)
    {
        var version = Read(connection, "PRAGMA user_version");
        var isOurs = Read(connection, "PRAGMA application_id") == ApplicationId;
        var isEmpty = Read(connection, "SELECT count(*) FROM sqlite_master") == 0;
        if (!isOurs && !isEmpty)
        {
            throw new OrchestratorStoreException(
                ErrorKind.Invalid, $"'{path}' is a SQLite database of something else: give the orchestrator its own file.");
        }

        return version <= Newest
            ? version
            : throw new OrchestratorStoreException(
                ErrorKind.Invalid,
                    $"'{path}' has schema version {version} and this program knows {Newest}: " +
                "upgrade the program, or open a copy made by an older one.");
    }

    private static int Read(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt32(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The text is one of the embedded scripts or a pragma with a number of ours.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
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
