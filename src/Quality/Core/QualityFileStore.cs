using System.Globalization;
using System.Runtime.CompilerServices;
using DataPlatform.Kernel.Storage;

namespace DataPlatform.Quality;

/// <summary>Keeps each run as one object of JSON lines; see <c>docs/formats/quality-result.md</c>.</summary>
/// <remarks>Thread-safe, and safe against other processes on the same store: an object is written whole and only where there is none.</remarks>
/// <param name="store">Where the objects go, below <c>results/</c>.</param>
public sealed class QualityFileStore(IObjectStore store) : IQualityStore
{
    private readonly IObjectStore _store = store ?? throw new ArgumentNullException(nameof(store));

    /// <inheritdoc/>
    public ValueTask<bool> AppendAsync(SuiteResult result, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(result);
        return _store.TryPutIfAbsentAsync(PathOf(result), ResultLines.Write(result), cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="QualityException">An object is damaged.</exception>
    public async IAsyncEnumerable<SuiteResult> ReadAsync(
        string suite, DateTimeOffset? from = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var folder = Folder(suite);

        // Names begin with the start time in a sortable form, so the listing is in order and old runs are skipped unread.
        var startAfter = from is { } instant ? folder + Stamp(instant.AddTicks(-1)) + "~" : null;
        await foreach (var found in _store.ListAsync(folder, startAfter, cancellationToken).ConfigureAwait(false))
        {
            var content = await _store.TryGetAsync(found.Path, cancellationToken).ConfigureAwait(false);
            if (content is { } bytes)
            {
                yield return ResultLines.Read(bytes, found.Path);
            }
        }
    }

    /// <summary>Removes runs that began before an instant.</summary>
    /// <param name="suite">The suite's name.</param>
    /// <param name="before">The oldest instant to keep.</param>
    /// <param name="cancellationToken">Stops between two runs.</param>
    /// <returns>How many were removed.</returns>
    public async ValueTask<int> RemoveBeforeAsync(string suite, DateTimeOffset before, CancellationToken cancellationToken = default)
    {
        var folder = Folder(suite);
        var limit = folder + Stamp(before);
        var removed = 0;
        await foreach (var found in _store.ListAsync(folder, null, cancellationToken).ConfigureAwait(false))
        {
            if (string.CompareOrdinal(found.Path, limit) >= 0)
            {
                break;
            }

            removed += await _store.DeleteAsync(found.Path, cancellationToken).ConfigureAwait(false) ? 1 : 0;
        }

        return removed;
    }

    private static string PathOf(SuiteResult result) => $"{Folder(result.Suite)}{Stamp(result.StartedAt)}-{result.RunId}.jsonl";

    private static string Folder(string suite)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(suite);
        return $"results/{Uri.EscapeDataString(suite)}/";
    }

    private static string Stamp(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyyMMdd'T'HHmmssfffffff'Z'", CultureInfo.InvariantCulture);
}
