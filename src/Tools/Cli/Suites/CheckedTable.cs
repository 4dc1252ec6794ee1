using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.DuckDb;
using DataPlatform.Quality;
using DataPlatform.Quality.DuckDb;
using DuckDB.NET.Data;

namespace DataPlatform.Tools.Cli.Suites;

/// <summary>A table that rules look at: a Delta table's folder, a Parquet file or a CSV file with a header line.</summary>
internal sealed class CheckedTable : IAsyncDisposable
{
    private readonly LakeQuery _lake;

    private CheckedTable(LakeQuery lake, DatasetVersion? version)
    {
        _lake = lake;
        Version = version;
    }

    /// <summary>The database that has the table, and what it refers to, as relations.</summary>
    public DuckDBConnection Connection => _lake.Connection;

    /// <summary>The table's version; null for a file.</summary>
    public DatasetVersion? Version { get; }

    /// <summary>Opens a table and the tables it refers to.</summary>
    /// <param name="relation">The table's name in rules.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="references">Other tables, each as <c>name=path</c>.</param>
    /// <param name="cancellationToken">Stops before a file is opened.</param>
    public static async Task<CheckedTable> OpenAsync(string relation, string path, IEnumerable<string> references, CancellationToken cancellationToken)
    {
        var lake = LakeQuery.Open();
        try
        {
            foreach (var reference in references)
            {
                var at = reference.IndexOf('=', StringComparison.Ordinal);
                if (at < 1)
                {
                    throw new ArgumentException($"--reference takes name=path, not '{reference}'.");
                }

                await RegisterAsync(lake, reference[..at], reference[(at + 1)..], cancellationToken);
            }

            return new CheckedTable(lake, await RegisterAsync(lake, relation, path, cancellationToken));
        }
        catch
        {
            await lake.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _lake.DisposeAsync();

    /// <summary>Opens a Delta table.</summary>
    /// <param name="path">Its folder.</param>
    /// <param name="cancellationToken">Stops before it is read.</param>
    /// <exception cref="QualityException">There is none.</exception>
    public static async Task<DeltaTable> OpenDeltaAsync(string path, CancellationToken cancellationToken)
    {
        var store = new LocalObjectStore(path);
        return await DeltaTable.ExistsAsync(store, cancellationToken)
            ? await DeltaTable.OpenAsync(store, cancellationToken: cancellationToken)
            : throw new QualityException(ErrorKind.Invalid, $"'{path}' is neither a file nor a Delta table; give a folder that holds _delta_log, a .parquet or a .csv file.");
    }

    private static async Task<DatasetVersion?> RegisterAsync(LakeQuery lake, string relation, string path, CancellationToken cancellationToken)
    {
        if (File.Exists(path))
        {
            FileRelation.Register(lake.Connection, relation, path);
            return null;
        }

        var snapshot = (await OpenDeltaAsync(path, cancellationToken)).Snapshot;
        await lake.RegisterAsync(relation, snapshot, cancellationToken);
        return snapshot.DatasetVersion ?? new DatasetVersion(new DatasetId(relation), snapshot.Version);
    }
}
