using System.CommandLine;
using System.Globalization;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse;
using DataPlatform.Lakehouse.Snapshots;

namespace DataPlatform.Tools.Cli.Lake;

/// <summary>The table that a command is about, and the version of it.</summary>
internal static class LakeTable
{
    public static readonly Argument<string> Path = new("PATH") { Description = "The table's folder: the one that holds _delta_log." };

    public static readonly Option<long?> Version = new("--version") { Description = "An older version instead of the latest." };

    public static readonly Option<string?> Timestamp = new("--timestamp")
    {
        Description = "The version of an instant instead of the latest, for example 2026-01-31T12:00:00Z.",
    };

    public static async Task<Snapshot> SnapshotAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var table = await OpenAsync(parsed, cancellationToken);
        if (parsed.GetValue(Timestamp) is not { } text)
        {
            return parsed.GetValue(Version) is { } version ? await table.SnapshotAtAsync(version, cancellationToken) : table.Snapshot;
        }

        if (parsed.GetValue(Version) is not null)
        {
            throw new ArgumentException("--version and --timestamp both choose the version; give one of them.");
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var timestamp)
            ? await table.SnapshotAtAsync(timestamp, cancellationToken)
            : throw new ArgumentException($"--timestamp takes an instant such as 2026-01-31T12:00:00Z, not '{text}'.");
    }

    public static async Task<DeltaTable> OpenAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var path = parsed.GetValue(Path)!;
        var store = new LocalObjectStore(path);
        return await DeltaTable.ExistsAsync(store, cancellationToken)
            ? await DeltaTable.OpenAsync(store, cancellationToken: cancellationToken)
            : throw new DeltaException(
                ErrorKind.Invalid,
                Directory.Exists(path)
                    ? $"'{path}' is not a Delta table: it has no commit in _delta_log. Name the folder that holds _delta_log, or make one with 'dp lake create' or 'import'."
                    : $"There is no folder '{path}'. Name the folder that holds _delta_log.");
    }
}
