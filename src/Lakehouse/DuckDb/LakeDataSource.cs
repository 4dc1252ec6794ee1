using System.Data.Common;
using System.Globalization;
using DataPlatform.Kernel.Storage;

namespace DataPlatform.Lakehouse.DuckDb;

/// <summary>
/// A folder of Delta tables as a database: a connection is a DuckDB of its own in which each folder directly below with a <c>_delta_log</c> is a view
/// of that name, at the version that was the newest when the connection was opened.
/// </summary>
/// <remarks>
/// Thread-safe. For whoever takes any <see cref="DbDataSource"/>, such as the SQL tasks of an orchestrator; parameters begin with <c>$</c>. The
/// tables are read only, and what else a statement makes lies in memory and goes with its connection; it may write files and attach databases,
/// as DuckDB does. Opening reads the log of every table of the folder.
/// </remarks>
public sealed class LakeDataSource : DbDataSource
{
    /// <summary>Tables in one folder, at most.</summary>
    public const int TablesMax = 1_000;

    private readonly LakeQueryOptions? _options;

    /// <summary>Names a folder; it is looked at when a connection is opened.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">Limits of each connection; null for the defaults.</param>
    public LakeDataSource(string folder, LakeQueryOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        ConnectionString = Path.GetFullPath(folder);
        _options = options;
    }

    /// <summary>The folder.</summary>
    public override string ConnectionString { get; }

    /// <inheritdoc/>
    /// <exception cref="DeltaException">There is no such folder, no table or more than <see cref="TablesMax"/> in it, or one that cannot be read;
    /// the message names it.</exception>
    protected override async ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken = default)
    {
        var folders = Tables();
        var lake = LakeQuery.Open(_options);
        try
        {
            foreach (var folder in folders)
            {
                var table = await DeltaTable.OpenAsync(new LocalObjectStore(folder), cancellationToken: cancellationToken).ConfigureAwait(false);
                await lake.RegisterAsync(Path.GetFileName(folder), table.Snapshot, cancellationToken).ConfigureAwait(false);
            }

            // The views live as long as the connection does.
            return lake.Connection;
        }
        catch
        {
            await lake.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always: the logs of tables are read without blocking, by <c>OpenConnectionAsync</c>.</exception>
    protected override DbConnection OpenDbConnection() => CreateDbConnection();

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always.</exception>
    protected override DbConnection CreateDbConnection() =>
        throw new NotSupportedException("Connections to a lake's folder are made open: use OpenConnectionAsync.");

    private List<string> Tables()
    {
        if (!Directory.Exists(ConnectionString))
        {
            throw DeltaException.Invalid($"There is no folder '{ConnectionString}' with tables of a lake.");
        }

        var tables = Directory.EnumerateDirectories(ConnectionString).Where(folder => Directory.Exists(Path.Combine(folder, "_delta_log")))
            .Order(StringComparer.Ordinal).Take(TablesMax + 1).ToList();
        return tables.Count switch
        {
            0 => throw DeltaException.Invalid($"No folder in '{ConnectionString}' is a Delta table: name the folder above the tables."),
            > TablesMax => throw DeltaException.Invalid(string.Create(
                CultureInfo.InvariantCulture, $"'{ConnectionString}' has more than {TablesMax} tables: name a folder with fewer.")),
            _ => tables,
        };
    }
}
