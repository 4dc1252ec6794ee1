using System.Collections.Concurrent;
using System.Globalization;
using Npgsql;

namespace DataPlatform.Quality.Postgres;

/// <summary>The days that verdicts are kept by: a table each, made ahead, and dropped when over age.</summary>
public sealed partial class PostgresQualityDatabase
{
    private const int DaysAhead = 7;
    private const string DayPrefix = "verdict_";
    private readonly ConcurrentDictionary<int, byte> _days = new();

    /// <summary>The day of an instant, as verdicts are kept by it: counted since year 1, UTC.</summary>
    internal static int DayOf(DateTimeOffset instant) => (int)(instant.UtcTicks / TimeSpan.TicksPerDay);

    /// <summary>Makes the tables of days that are not there yet.</summary>
    internal async ValueTask EnsureDaysAsync(IEnumerable<int> days, CancellationToken cancellationToken)
    {
        List<int> wanted = [.. days.Distinct().Where(d => !_days.ContainsKey(d)).Order()];
        if (wanted.Count == 0)
        {
            return;
        }

        await WriteAsync((connection, token) => AddDaysAsync(connection, wanted, token), cancellationToken).ConfigureAwait(false);
        foreach (var day in wanted)
        {
            _days[day] = 0;
        }
    }

    /// <summary>Makes the tables of the days to come, so that no writer has to.</summary>
    internal ValueTask EnsureDaysAheadAsync(DateTimeOffset now, CancellationToken cancellationToken)
        => EnsureDaysAsync(Enumerable.Range(DayOf(now), DaysAhead + 1), cancellationToken);

    /// <summary>Looks anew which days there are: another process dropped one.</summary>
    internal void LookAtDaysAnew() => _days.Clear();

    /// <summary>Drops days that are wholly before an instant, each in a transaction of its own.</summary>
    internal async ValueTask DropDaysBeforeAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var kept = await RowsAsync(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'verdict'::regclass",
            row => row.GetString(0),
            cancellationToken).ConfigureAwait(false);
        foreach (var day in kept.Select(DayOf).Where(d => d < DayOf(before)).Order())
        {
            try
            {
                // Whoever reads verdicts just now is waited for, but not for long, since others wait behind this.
                await ExecuteAsync(
                    string.Create(CultureInfo.InvariantCulture, $"SET LOCAL lock_timeout = '3s'; DROP TABLE IF EXISTS {DayPrefix}{day}"), cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (QualityException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.LockNotAvailable })
            {
                // Its runs are gone, so nothing of it is seen; the next time drops it.
                return;
            }

            _days.TryRemove(day, out _);
        }
    }

    /// <summary>
    /// A table is made apart and attached then: making it as a partition at once would keep all readers and writers of verdicts out meanwhile.
    /// </summary>
    private static async Task<bool> AddDaysAsync(NpgsqlConnection connection, List<int> days, CancellationToken cancellationToken)
    {
        await connection.ScalarAsync("SELECT pg_advisory_xact_lock(1146114428)", cancellationToken).ConfigureAwait(false);
        foreach (var day in days)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{DayPrefix}{day}");
            if (await connection.ScalarAsync("SELECT to_regclass($1)::text", cancellationToken, name).ConfigureAwait(false) is string)
            {
                continue;
            }

            await connection.ExecuteAsync(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"""
                    CREATE TABLE {name} (LIKE verdict INCLUDING ALL, CHECK (day >= {day} AND day < {day + 1}));
                    ALTER TABLE verdict ATTACH PARTITION {name} FOR VALUES FROM ({day}) TO ({day + 1})
                    """),
                cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    private static int DayOf(string table) => int.Parse(table.AsSpan(DayPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture);
}
