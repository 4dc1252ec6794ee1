using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DataPlatform.Kernel.Storage;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Metadata;
using DataPlatform.Orchestrator.Runs;

namespace DataPlatform.Orchestrator.Execution;

/// <summary>Keeps values that are too large for the metadata store in an object store; tasks do not see the difference.</summary>
/// <remarks>
/// Thread-safe. An object is written before the try that made it counts as ended, below a path of that try alone; a crash in between
/// leaves an object nobody refers to, which <see cref="CleanAsync"/> finds. What is read is checked against the checksum in the reference.
/// </remarks>
public sealed class LargeXComs
{
    private readonly IObjectStore _store;
    private readonly LargeXComOptions _options;
    private readonly XComCache _cache;

    /// <summary>Keeps large values in a store.</summary>
    /// <param name="store">Where.</param>
    /// <param name="options">Settings; null for defaults.</param>
    public LargeXComs(IObjectStore store, LargeXComOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
        _options = options ?? new LargeXComOptions();
        ObjectPath.ValidatePrefix(_options.Prefix);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_options.InlineBytesMax, DagLimits.XComBytesMax, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.InlineBytesMax, 0, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.BytesMax, _options.InlineBytesMax, nameof(options));
        _cache = new XComCache(_options.CacheBytes);
    }

    /// <summary>The largest value in bytes.</summary>
    public int BytesMax => _options.BytesMax;

    internal int CacheBytes => _options.CacheBytes;

    /// <summary>Removes the large values of a run, as a retention does after the run's rows are gone.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="cancellationToken">Stops between two objects.</param>
    /// <returns>How many objects were removed.</returns>
    public async ValueTask<int> RemoveAsync(long runId, CancellationToken cancellationToken = default)
    {
        var removed = 0;
        await foreach (var item in _store.ListAsync(FolderOf(runId), null, cancellationToken).ConfigureAwait(false))
        {
            removed += await _store.DeleteAsync(item.Path, cancellationToken).ConfigureAwait(false) ? 1 : 0;
        }

        return removed;
    }

    /// <summary>Removes objects that no run refers to: of runs that are gone, of tries that a crash cut, of values that a clear
    /// dropped.</summary>
    /// <param name="metadata">The store that keeps the references.</param>
    /// <param name="minimumAge">Younger objects stay: the try that wrote them may not have ended. Longer than any try takes to end once its
    /// body has; an hour is ample.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="cancellationToken">Stops between two objects.</param>
    public async Task<LargeXComCleaning> CleanAsync(
        IOrchestratorStore metadata, TimeSpan minimumAge, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        var now = (time ?? TimeProvider.System).GetUtcNow();
        var (kept, deleted, bytes) = (0, 0, 0L);
        long? current = null;
        HashSet<string> referenced = [];
        await foreach (var item in _store.ListAsync(_options.Prefix, null, cancellationToken).ConfigureAwait(false))
        {
            if (RunOf(item.Path) is not { } runId || now - item.LastModified < minimumAge)
            {
                kept++;
                continue;
            }

            if (current != runId)
            {
                referenced = await ReferencedAsync(metadata, runId, cancellationToken).ConfigureAwait(false);
                current = runId;
            }

            if (referenced.Contains(item.Path))
            {
                kept++;
            }
            else if (await _store.DeleteAsync(item.Path, cancellationToken).ConfigureAwait(false))
            {
                deleted++;
                bytes += item.SizeBytes;
            }
        }

        return new LargeXComCleaning(kept, deleted, bytes);
    }

    /// <summary>Puts a value where it belongs: gives it back when it is small, else what stands for it.</summary>
    internal async ValueTask<string> KeepAsync(TaskKey key, long epoch, string name, string json, CancellationToken cancellationToken)
    {
        if (Encoding.UTF8.GetByteCount(json) <= _options.InlineBytesMax)
        {
            return json;
        }

        var content = Encoding.UTF8.GetBytes(json);
        var path = string.Create(
            CultureInfo.InvariantCulture,
            $"{FolderOf(key.RunId)}{key.TaskNumber}.{key.MapIndex}.{epoch}/{HashOf(Encoding.UTF8.GetBytes(name))[..16]}.json");
        await _store.PutAsync(path, content, cancellationToken).ConfigureAwait(false);
        return new XComReference(path, content.Length, HashOf(content), ItemsOf(json)).ToJson();
    }

    /// <summary>The value that a reference stands for.</summary>
    /// <exception cref="XComException">It is gone or was changed.</exception>
    internal async ValueTask<string> ReadAsync(long runId, XComReference reference, CancellationToken cancellationToken)
    {
        if (_cache.Find(reference.Path) is { } known)
        {
            return known;
        }

        // A reference may have been written by a task: it must not lead out of its run.
        if (!reference.Path.StartsWith(FolderOf(runId), StringComparison.Ordinal))
        {
            throw new XComException($"the large value '{reference.Path}' is none of run {runId}.");
        }

        var content = await _store.TryGetAsync(reference.Path, cancellationToken).ConfigureAwait(false)
            ?? throw new XComException($"the large value '{reference.Path}' is gone from its store: clear the task that gave it.");
        if (content.Length != reference.Bytes || HashOf(content.Span) != reference.Sha256)
        {
            throw new XComException($"the large value '{reference.Path}' is damaged: clear the task that gave it.");
        }

        var json = Encoding.UTF8.GetString(content.Span);
        _cache.Add(reference.Path, json);
        return json;
    }

    private static async Task<HashSet<string>> ReferencedAsync(
        IOrchestratorStore metadata, long runId, CancellationToken cancellationToken) =>
        (await metadata.ListXComsAsync(runId, cancellationToken).ConfigureAwait(false))
            .Select(value => XComReference.Parse(value.Json)?.Path).OfType<string>().ToHashSet(StringComparer.Ordinal);

    private static int? ItemsOf(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind == JsonValueKind.Array
            ? document.RootElement.EnumerateArray().Count(element => element.ValueKind != JsonValueKind.Null)
            : null;
    }

    private static string HashOf(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private string FolderOf(long runId) => string.Create(CultureInfo.InvariantCulture, $"{_options.Prefix}{runId}/");

    private long? RunOf(string path)
    {
        var rest = path.AsSpan(_options.Prefix.Length);
        var slash = rest.IndexOf('/');
        return slash > 0 && long.TryParse(rest[..slash], NumberStyles.None, CultureInfo.InvariantCulture, out var runId) ? runId : null;
    }
}
