using DataPlatform.Kernel.Storage;

namespace DataPlatform.TestKit.DeltaTables;

/// <summary>The files of a Delta log by name, read before anything judges them.</summary>
/// <param name="Content">Each file's bytes by its name below <c>_delta_log</c>.</param>
public sealed record LogFiles(SortedDictionary<string, byte[]> Content)
{
    private const int CommitNameLength = 25;

    /// <summary>The commits in the order of their versions.</summary>
    public IEnumerable<(long Version, string Name, byte[] Content)> Commits
        => Content.Where(c => c.Key.Length == CommitNameLength && c.Key.EndsWith(".json", StringComparison.Ordinal)
            && c.Key[..20].All(char.IsAsciiDigit))
            .Select(c => (long.Parse(c.Key.AsSpan(0, 20), System.Globalization.CultureInfo.InvariantCulture), c.Key, c.Value));

    /// <summary>Reads the log below a table's folder.</summary>
    /// <param name="table">The folder that holds <c>_delta_log</c>.</param>
    public static LogFiles OfFolder(string table)
    {
        SortedDictionary<string, byte[]> content = new(StringComparer.Ordinal);
        var log = Path.Combine(table, "_delta_log");
        foreach (var file in Directory.Exists(log) ? Directory.GetFiles(log, "*", SearchOption.AllDirectories) : [])
        {
            content[Path.GetRelativePath(log, file).Replace(Path.DirectorySeparatorChar, '/')] = File.ReadAllBytes(file);
        }

        return new LogFiles(content);
    }

    /// <summary>Reads the log in a store.</summary>
    /// <param name="store">A store rooted at the table.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static async Task<LogFiles> OfStoreAsync(IObjectStore store, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        SortedDictionary<string, byte[]> content = new(StringComparer.Ordinal);
        await foreach (var info in store.ListAsync("_delta_log/", null, cancellationToken))
        {
            if (await store.TryGetAsync(info.Path, cancellationToken) is { } bytes)
            {
                content[info.Path["_delta_log/".Length..]] = bytes.ToArray();
            }
        }

        return new LogFiles(content);
    }
}
