using System.Globalization;

namespace DataPlatform.Lakehouse.DeltaLog;

/// <summary>What a file in the log folder is, told by its name.</summary>
internal enum LogFileKind
{
    Other,
    Commit,
    Compacted,
    ClassicCheckpoint,
    CheckpointPart,
    V2Checkpoint,
    Checksum,
}

/// <summary>A file of the log folder.</summary>
/// <param name="Path">Its path in the store.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Version">The version it holds; the first one of a compacted file.</param>
/// <param name="EndVersion">The last version of a compacted file, else the same.</param>
/// <param name="Part">The part of a multi-part checkpoint, from 1.</param>
/// <param name="Parts">How many parts there are.</param>
internal readonly record struct LogFile(string Path, LogFileKind Kind, long Version, long EndVersion, int Part = 1, int Parts = 1);

/// <summary>Names in <c>_delta_log</c> (protocol section "Delta Log Entries").</summary>
internal static class LogPath
{
    public const string Folder = "_delta_log/";
    public const string LastCheckpoint = Folder + "_last_checkpoint";
    public const string Sidecars = Folder + "_sidecars/";
    private const int VersionDigits = 20;

    public static string Commit(long version) => $"{Folder}{Digits(version)}.json";

    public static string Checkpoint(long version) => $"{Folder}{Digits(version)}.checkpoint.parquet";

    public static string CheckpointPart(long version, int part, int parts)
        => string.Create(CultureInfo.InvariantCulture, $"{Folder}{Digits(version)}.checkpoint.{part:D10}.{parts:D10}.parquet");

    public static string V2Checkpoint(long version, Guid id, string extension) => $"{Folder}{Digits(version)}.checkpoint.{id:D}.{extension}";

    public static string Checksum(long version) => $"{Folder}{Digits(version)}.crc";

    public static string Compacted(long first, long last) => $"{Folder}{Digits(first)}.{Digits(last)}.compacted.json";

    /// <summary>The name that sorts right before every file of a version.</summary>
    public static string Before(long version) => Folder + Digits(version);

    public static LogFile Parse(string path)
    {
        var other = new LogFile(path, LogFileKind.Other, -1, -1);
        var name = path.AsSpan(Folder.Length);
        if (name.Contains('/') || name.Length <= VersionDigits || name[VersionDigits] != '.' || !TryVersion(name[..VersionDigits], out var version))
        {
            return other;
        }

        var rest = name[(VersionDigits + 1)..];
        return rest switch
        {
            "json" => new LogFile(path, LogFileKind.Commit, version, version),
            "crc" => new LogFile(path, LogFileKind.Checksum, version, version),
            "checkpoint.parquet" => new LogFile(path, LogFileKind.ClassicCheckpoint, version, version),
            _ when rest.EndsWith(".compacted.json") && TryVersion(rest[..^".compacted.json".Length], out var end)
                => new LogFile(path, LogFileKind.Compacted, version, end),
            _ when rest.StartsWith("checkpoint.") => ParseCheckpoint(path, version, rest["checkpoint.".Length..].ToString()) ?? other,
            _ => other,
        };
    }

    private static LogFile? ParseCheckpoint(string path, long version, string rest)
    {
        var parts = rest.Split('.');
        if (parts is [var uuid, "json" or "parquet"] && Guid.TryParseExact(uuid, "D", out _))
        {
            return new LogFile(path, LogFileKind.V2Checkpoint, version, version);
        }

        if (parts is [{ Length: 10 } part, { Length: 10 } count, "parquet"]
            && int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var p)
            && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var n)
            && p >= 1 && p <= n)
        {
            return new LogFile(path, LogFileKind.CheckpointPart, version, version, p, n);
        }

        return null;
    }

    private static bool TryVersion(ReadOnlySpan<char> text, out long version)
    {
        version = -1;
        return text.Length == VersionDigits && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out version);
    }

    private static string Digits(long version) => version.ToString("D20", CultureInfo.InvariantCulture);
}
