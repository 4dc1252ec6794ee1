using DataPlatform.Kernel;
using DuckDB.NET.Data;

namespace DataPlatform.Quality.DuckDb.Trials;

/// <summary>A table opened for a trial.</summary>
/// <param name="Connection">A database that has the table as a relation, and is used for nothing else.</param>
/// <param name="Relation">The relation's name in it.</param>
/// <param name="Version">The version it is pinned to; null where there are none.</param>
/// <param name="Owner">What is disposed after the trial; the connection itself when null.</param>
public sealed record TrialTable(DuckDBConnection Connection, string Relation, DatasetVersion? Version = null, IAsyncDisposable? Owner = null) : IAsyncDisposable
{
    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Owner?.DisposeAsync() ?? Connection.DisposeAsync();
}
