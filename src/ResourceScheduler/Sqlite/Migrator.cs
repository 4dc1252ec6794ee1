using System.Globalization;
using System.Reflection;
using DataPlatform.Kernel;
using Microsoft.Data.Sqlite;

namespace DataPlatform.ResourceScheduler.Sqlite;

/// <summary>Brings a file to this program's schema: numbered scripts, together with their number in one transaction.</summary>
internal static class Migrator
{
    /// <summary>"DPrs", so that <c>file</c> and we can tell whose database it is.</summary>
    private const int ApplicationId = 0x44507273;

    private static readonly (int Version, string Sql)[] Scripts = LoadScripts();

    public static void Migrate(SqliteConnection connection, string path)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        var version = Read(connection, "PRAGMA user_version");
        if (Read(connection, "PRAGMA application_id") != ApplicationId && Read(connection, "SELECT count(*) FROM sqlite_master") > 0)
        {
            throw new SchedulerException(ErrorKind.Invalid,
                $"'{path}' is a SQLite database of something else: give the scheduler its own file.");
        }

        if (version > Scripts[^1].Version)
        {
            throw new SchedulerException(ErrorKind.Invalid,
                $"'{path}' has schema version {version} and this program knows {Scripts[^1].Version}: upgrade the program.");
        }

        foreach (var script in Scripts.Where(script => script.Version > version))
        {
            Execute(connection, script.Sql);
            Execute(connection, $"PRAGMA user_version = {script.Version}");
        }

        Execute(connection, $"PRAGMA application_id = {ApplicationId}");
        transaction.Commit();
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
