using System.Globalization;
using System.Text.Json;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Quality.TableChecks;

/// <summary>When a table last got data, by its log.</summary>
public static class LakeFreshness
{
    // A table that was only maintained for so many versions has a log worth a remark of its own.
    private const int CommitsMax = 1_000;

    /// <summary>The time of the newest commit, up to a version, that added rows: compaction, settings and deletions do not make a table fresh.</summary>
    /// <param name="snapshot">The version.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>The time, UTC; null when no such commit is left in the log, or among the newest 1,000.</returns>
    /// <exception cref="QualityException">A commit of the log is damaged.</exception>
    public static async ValueTask<DateTimeOffset?> NewestDataAsync(Snapshot snapshot, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        for (var version = snapshot.Version; version >= 0 && version > snapshot.Version - CommitsMax; version--)
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"_delta_log/{version:D20}.json");
            if (await snapshot.Store.TryGetAsync(path, cancellationToken).ConfigureAwait(false) is not { } bytes)
            {
                return null;
            }

            var (hasRows, committed) = Read(bytes, path);
            if (hasRows)
            {
                var isKept = snapshot.Property("delta.enableInCommitTimestamps") == "true" && committed is not null;
                return version == snapshot.Version ? snapshot.Timestamp
                    : isKept ? committed
                    : (await snapshot.Store.TryStatAsync(path, cancellationToken).ConfigureAwait(false))?.LastModified;
            }
        }

        return null;
    }

    private static (bool HasRows, DateTimeOffset? Committed) Read(ReadOnlyMemory<byte> bytes, string path)
    {
        var (hasRows, committed) = (false, (DateTimeOffset?)null);
        try
        {
            foreach (var range in bytes.Span.Split((byte)'\n'))
            {
                var line = bytes[range];
                if (line.IsEmpty)
                {
                    continue;
                }

                using var action = JsonDocument.Parse(line);
                hasRows |= action.RootElement.TryGetProperty("add", out var add) && add.TryGetProperty("dataChange", out var change) && change.GetBoolean();
                if (action.RootElement.TryGetProperty("commitInfo", out var info) && info.TryGetProperty("inCommitTimestamp", out var time))
                {
                    committed = DateTimeOffset.FromUnixTimeMilliseconds(time.GetInt64());
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new QualityException(Kernel.ErrorKind.Corrupt, $"The commit '{path}' is damaged, so nobody can tell how fresh the table is.", e);
        }

        return (hasRows, committed);
    }
}
