using System.Data.Common;
using DataPlatform.Orchestrator.Execution;

namespace DataPlatform.Orchestrator.Dags;

/// <summary>The databases that SQL tasks name, so that no DAG holds an address or a secret.</summary>
/// <remarks>Filled by one thread before it is used; reading is thread-safe. The sources stay the caller's to dispose.</remarks>
public sealed class SqlConnections
{
    private readonly Dictionary<string, (DbDataSource Source, string Prefix)> _sources = new(StringComparer.Ordinal);
    private readonly bool _takesAnyName;

    /// <summary>Makes an empty set.</summary>
    public SqlConnections()
    {
    }

    private SqlConnections(bool takesAnyName) => _takesAnyName = takesAnyName;

    /// <summary>Takes every name, for looking at DAGs where their databases are not: such a task fails when it is run.</summary>
    public static SqlConnections Unresolved { get; } = new(takesAnyName: true);

    /// <summary>The names.</summary>
    public IReadOnlyCollection<string> Names => _sources.Keys;

    /// <summary>Adds a database.</summary>
    /// <param name="name">What tasks call it.</param>
    /// <param name="source">Makes its connections.</param>
    /// <param name="prefix">What a parameter begins with in its SQL: <c>@</c> for SQLite, PostgreSQL and SQL Server, <c>$</c> for DuckDB.</param>
    /// <exception cref="ArgumentException">There is one of that name already.</exception>
    public SqlConnections Add(string name, DbDataSource source, string prefix = "@")
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentException.ThrowIfNullOrEmpty(prefix);
        return _sources.TryAdd(name, (source, prefix)) ? this : throw new ArgumentException($"There is a connection '{name}' already.", nameof(name));
    }

    /// <summary>Why a task cannot use a name; null when it can.</summary>
    /// <param name="name">The name.</param>
    public string? WhyNot(string name) => _takesAnyName || _sources.ContainsKey(name) ? null
        : _sources.Count == 0 ? $"there is no connection '{name}': the host has none"
        : $"there is no connection '{name}'; there are {string.Join(", ", _sources.Keys.Order(StringComparer.Ordinal))}";

    internal async Task<int> RunAsync(SqlBody body, TaskContext context, CancellationToken cancellationToken) =>
        _sources.TryGetValue(body.Connection, out var found)
            ? await SqlTasks.Execute(async token => await found.Source.OpenConnectionAsync(token).ConfigureAwait(false), body.Text, found.Prefix)(
                context, cancellationToken).ConfigureAwait(false)
            : throw new TaskFailedException($"{WhyNot(body.Connection) ?? $"this process does not know where '{body.Connection}' is"}.", retry: false);
}
