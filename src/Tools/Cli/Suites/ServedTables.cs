using DataPlatform.Kernel;
using DataPlatform.Quality;
using DataPlatform.Quality.DuckDb.Trials;

namespace DataPlatform.Tools.Cli.Suites;

/// <summary>The tables that <c>dp quality serve</c> was given; each trial opens its own, in the newest version.</summary>
internal sealed class ServedTables : ITrialTables
{
    private const string Relation = "dp_tried";
    private readonly SortedDictionary<string, string> _paths = new(StringComparer.Ordinal);

    /// <param name="tables">Each as <c>name=path</c>.</param>
    public ServedTables(IEnumerable<string> tables)
    {
        foreach (var table in tables)
        {
            var at = table.IndexOf('=', StringComparison.Ordinal);
            if (at < 1 || !_paths.TryAdd(table[..at], table[(at + 1)..]))
            {
                throw new ArgumentException($"--table takes name=path, each name once, not '{table}'.");
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult<IReadOnlyList<string>>([.. _paths.Keys]);

    /// <inheritdoc/>
    public async ValueTask<TrialTable> OpenAsync(string table, CancellationToken cancellationToken = default)
    {
        if (!_paths.TryGetValue(table, out var path))
        {
            throw new QualityException(ErrorKind.Invalid, $"There is no table '{table}' to try on; there are {string.Join(", ", _paths.Keys)}. Give it to 'dp quality serve' with --table {table}=PATH.");
        }

        var references = _paths.Where(p => p.Key != table).Select(p => $"{p.Key}={p.Value}");
        var opened = await CheckedTable.OpenAsync(Relation, path, references, cancellationToken);
        return new TrialTable(opened.Connection, Relation, opened.Version, opened);
    }
}
