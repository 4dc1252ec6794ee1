using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;

namespace DataPlatform.Quality.Lineage.OpenLineage;

/// <summary>Events still to be posted, each an object of a store: they survive a killed process.</summary>
/// <remarks>Thread-safe. The same event is kept once. Events are told in the order of their times.</remarks>
/// <param name="store">Where they are kept, below <c>openlineage/outbox/</c>; those that a receiver refuses go to <c>openlineage/refused/</c>.</param>
/// <param name="eventsMax">Events kept at most, at least 1; 100,000 unless said otherwise. Beyond, <see cref="AddAsync"/> refuses.</param>
public sealed class OpenLineageOutbox(IObjectStore store, int eventsMax = 100_000)
{
    private const string Waiting = "openlineage/outbox/";
    private const string Refused = "openlineage/refused/";
    private long _count = -1;

    /// <summary>Keeps an event until it is posted.</summary>
    /// <param name="lineage">The event.</param>
    /// <param name="cancellationToken">Before the write.</param>
    /// <returns>False when it is kept already.</returns>
    /// <exception cref="QualityException">There are too many: nobody takes them, or they come faster than they are taken.</exception>
    public async ValueTask<bool> AddAsync(JsonObject lineage, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lineage);
        if (Interlocked.Read(ref _count) < 0)
        {
            Interlocked.CompareExchange(ref _count, await CountAsync(cancellationToken).ConfigureAwait(false), -1);
        }

        if (Interlocked.Read(ref _count) >= eventsMax)
        {
            throw new QualityException(ErrorKind.Unavailable, $"{eventsMax} lineage events wait to be posted: see why the receiver takes none.");
        }

        var body = Encoding.UTF8.GetBytes(lineage.ToJsonString());
        var isNew = await store.TryPutIfAbsentAsync(PathOf(lineage, body), body, cancellationToken).ConfigureAwait(false);
        Interlocked.Add(ref _count, isNew ? 1 : 0);
        return isNew;
    }

    /// <summary>The oldest events.</summary>
    internal async ValueTask<IReadOnlyList<(string Path, ReadOnlyMemory<byte> Body)>> OldestAsync(int eventsMax, CancellationToken cancellationToken)
    {
        List<(string, ReadOnlyMemory<byte>)> found = [];
        await foreach (var item in store.ListAsync(Waiting, null, cancellationToken).ConfigureAwait(false))
        {
            if (await store.TryGetAsync(item.Path, cancellationToken).ConfigureAwait(false) is { } body)
            {
                found.Add((item.Path, body));
            }

            if (found.Count == eventsMax)
            {
                break;
            }
        }

        return found;
    }

    /// <summary>Forgets an event: it was taken.</summary>
    internal async ValueTask RemoveAsync(string path, CancellationToken cancellationToken)
        => Interlocked.Add(ref _count, await store.DeleteAsync(path, cancellationToken).ConfigureAwait(false) && Interlocked.Read(ref _count) > 0 ? -1 : 0);

    /// <summary>Puts an event aside that will never be taken, for people to look at.</summary>
    internal async ValueTask RefuseAsync(string path, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        await store.TryPutIfAbsentAsync(Refused + path[Waiting.Length..], body, cancellationToken).ConfigureAwait(false);
        await RemoveAsync(path, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<long> CountAsync(CancellationToken cancellationToken)
    {
        var count = 0L;
        await foreach (var _ in store.ListAsync(Waiting, null, cancellationToken).ConfigureAwait(false))
        {
            count++;
        }

        return count;
    }

    /// <summary>By time, then by a hash of the whole: the same event has the same place.</summary>
    private static string PathOf(JsonObject lineage, byte[] body)
    {
        var time = lineage["eventTime"] is JsonValue value && value.TryGetValue<string>(out var text)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
                ? at
                : throw new QualityException(ErrorKind.Invalid, "A lineage event has no 'eventTime'.");
        var stamp = time.UtcDateTime.ToString("yyyyMMdd'T'HHmmssfffffff'Z'", CultureInfo.InvariantCulture);
        return $"{Waiting}{stamp}-{Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, 12))}.json";
    }
}
