using System.CommandLine;
using System.Data.Common;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Orchestrator.Yaml;
using DuckDB.NET.Data;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace DataPlatform.Tools.Cli.Dags;

/// <summary>Databases for <c>sql:</c> tasks, named on the command line. Secrets stay out of YAML and of process lists: an address may lie in an
/// environment variable or a file.</summary>
internal sealed class SqlSources : IAsyncDisposable
{
    private const string FromVariable = "env:";
    private const string FromFile = "file:";

    private readonly List<DbDataSource> _sources = [];

    /// <summary>The option.</summary>
    public static Option<string[]> Option { get; } = new("--connection")
    {
        Description = "A database that tasks with 'sql:' name, as name=kind:address; may be given again. Kinds: postgres, sqlite, duckdb, lake. " +
            "An address is a connection string, env:VARIABLE or file:PATH; of a lake it is the folder of its tables, which can be read by their names.",
    };

    /// <summary>The code for DAGs in YAML: the databases, and no functions.</summary>
    public DagCode Code { get; } = new();

    /// <summary>Reads the option.</summary>
    /// <exception cref="ArgumentException">A text is not of its form, or the variable or file is not there.</exception>
    public static SqlSources Of(IEnumerable<string> texts)
    {
        var sources = new SqlSources();
        foreach (var text in texts)
        {
            sources.Add(text);
        }

        return sources;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var source in _sources)
        {
            await source.DisposeAsync();
        }
    }

    private void Add(string text)
    {
        if (text.Split('=', 2) is not [{ Length: > 0 } name, var rest] || rest.Split(':', 2) is not [var kind, { Length: > 0 } address])
        {
            // The text itself may hold a secret.
            throw new ArgumentException("--connection takes name=kind:address, for example warehouse=postgres:env:WAREHOUSE.");
        }

        var read = Read(name, address);
        (DbProviderFactory Factory, string ConnectionString, string Prefix) of = kind switch
        {
            "postgres" => (NpgsqlFactory.Instance, read, "@"),
            "sqlite" => (SqliteFactory.Instance, read.Contains('=', StringComparison.Ordinal) ? read : $"Data Source={read}", "@"),
            "duckdb" => (DuckDBClientFactory.Instance, read.Contains('=', StringComparison.Ordinal) ? read : $"Data Source={read}", "$"),
            "lake" => (DuckDBClientFactory.Instance, read, "$"),
            _ => throw new ArgumentException($"--connection {name}: '{kind}' is no kind of database here: postgres, sqlite, duckdb or lake."),
        };
        DbDataSource source;
        try
        {
            source = kind switch
            {
                "postgres" => NpgsqlDataSource.Create(of.ConnectionString),
                "lake" => new LakeDataSource(of.ConnectionString),
                _ => of.Factory.CreateDataSource(of.ConnectionString),
            };
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or KeyNotFoundException)
        {
            throw new ArgumentException($"--connection {name}: what it names is no connection string of {kind}.", exception);
        }

        _sources.Add(source);
        Code.Connections.Add(name, source, of.Prefix);
    }

    private static string Read(string name, string address)
    {
        if (address.StartsWith(FromVariable, StringComparison.Ordinal))
        {
            var variable = address[FromVariable.Length..];
            return Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value
                ? value
                : throw new ArgumentException($"--connection {name}: there is no environment variable '{variable}'.");
        }

        if (!address.StartsWith(FromFile, StringComparison.Ordinal))
        {
            return address;
        }

        var path = address[FromFile.Length..];
        return File.Exists(path) ? File.ReadAllText(path).Trim() : throw new ArgumentException($"--connection {name}: there is no file '{path}'.");
    }
}
