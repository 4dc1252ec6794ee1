using System.Text;
using DataPlatform.Kernel.Storage;

namespace DataPlatform.Quality.Anomalies;

/// <summary>Keeps references of distributions by table and name, as objects <c>references/&lt;table&gt;/&lt;name&gt;.json</c>.</summary>
/// <remarks>Thread-safe, as the store below it. An object is written whole.</remarks>
/// <param name="store">Where they are kept.</param>
public sealed class DistributionStore(IObjectStore store)
{
    private const string Ending = ".json";

    /// <summary>Keeps a reference, in place of one of that name.</summary>
    /// <param name="table">The table.</param>
    /// <param name="name">The name rules use.</param>
    /// <param name="reference">The reference.</param>
    /// <param name="cancellationToken">Before the write.</param>
    public ValueTask PutAsync(string table, string name, DistributionReference reference, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(reference);
        return store.PutAsync(Folder(table) + Uri.EscapeDataString(name) + Ending, Encoding.UTF8.GetBytes(reference.ToJson()), cancellationToken);
    }

    /// <summary>All references of a table by name.</summary>
    /// <param name="table">The table.</param>
    /// <param name="cancellationToken">Stops between two objects.</param>
    /// <exception cref="QualityException">One is damaged.</exception>
    public async ValueTask<IReadOnlyDictionary<string, DistributionReference>> AllAsync(string table, CancellationToken cancellationToken = default)
    {
        Dictionary<string, DistributionReference> references = new(StringComparer.Ordinal);
        await foreach (var found in store.ListAsync(Folder(table), null, cancellationToken).ConfigureAwait(false))
        {
            if (await store.TryGetAsync(found.Path, cancellationToken).ConfigureAwait(false) is { } bytes)
            {
                var name = Uri.UnescapeDataString(found.Path[Folder(table).Length..^Ending.Length]);
                references[name] = DistributionReference.Read(Encoding.UTF8.GetString(bytes.Span));
            }
        }

        return references;
    }

    private static string Folder(string table)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(table);
        return $"references/{Uri.EscapeDataString(table)}/";
    }
}
