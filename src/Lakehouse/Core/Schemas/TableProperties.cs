using System.Globalization;
using System.Text.RegularExpressions;
using DataPlatform.Lakehouse.DeltaLog;

namespace DataPlatform.Lakehouse.Schemas;

/// <summary>Table properties with their meaning and default (protocol section "Table Properties").</summary>
internal static partial class TableProperties
{
    /// <summary>A property of this prefix asks for a table feature by name.</summary>
    public const string FeaturePrefix = "delta.feature.";

    public static bool AppendOnly(Metadata metadata) => Flag(metadata, "delta.appendOnly");

    public static bool InCommitTimestamps(Metadata metadata) => Flag(metadata, "delta.enableInCommitTimestamps");

    public static bool ChangeDataFeed(Metadata metadata) => Flag(metadata, "delta.enableChangeDataFeed");

    public static bool RowTracking(Metadata metadata) => Flag(metadata, "delta.enableRowTracking");

    public static bool DeletionVectors(Metadata metadata) => Flag(metadata, "delta.enableDeletionVectors");

    public static bool TypeWidening(Metadata metadata) => Flag(metadata, "delta.enableTypeWidening");

    public static bool V2Checkpoints(Metadata metadata) => metadata.Configuration.GetValueOrDefault("delta.checkpointPolicy") == "v2";

    /// <summary>Whether commits older than the retention are removed after a checkpoint. Default true, as Delta's own.</summary>
    public static bool ExpiredLogCleanup(Metadata metadata)
        => !metadata.Configuration.TryGetValue("delta.enableExpiredLogCleanup", out var value) || !value.Equals("false", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether checkpoints keep statistics as JSON text. Default true.</summary>
    public static bool CheckpointStatsAsJson(Metadata metadata)
        => !metadata.Configuration.TryGetValue("delta.checkpoint.writeStatsAsJson", out var value) || !value.Equals("false", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether checkpoints hold statistics and partition values as typed columns. Default false, as the protocol has it.</summary>
    public static bool CheckpointStatsAsStruct(Metadata metadata) => Flag(metadata, "delta.checkpoint.writeStatsAsStruct");

    public static int? CheckpointInterval(Metadata metadata) => Number(metadata, "delta.checkpointInterval");

    /// <summary>The leading leaf columns that get statistics; -1 for all.</summary>
    public static int IndexedColumns(Metadata metadata) => Number(metadata, "delta.dataSkippingNumIndexedCols") ?? 32;

    /// <summary>The columns named for statistics, which then replace the leading ones; null when none are named.</summary>
    public static IReadOnlyList<string>? StatsColumns(Metadata metadata)
        => metadata.Configuration.TryGetValue("delta.dataSkippingStatsColumns", out var names)
            ? [.. names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(n => n.Trim('`'))] : null;

    public static TimeSpan DeletedFileRetention(Metadata metadata)
        => Interval(metadata, "delta.deletedFileRetentionDuration") ?? TimeSpan.FromDays(7);

    public static TimeSpan LogRetention(Metadata metadata) => Interval(metadata, "delta.logRetentionDuration") ?? TimeSpan.FromDays(30);

    /// <summary>Reads an interval such as <c>interval 1 week</c> or <c>7 days 12 hours</c>.</summary>
    public static bool TryInterval(string text, out TimeSpan interval)
    {
        interval = TimeSpan.Zero;
        var body = text.Trim();
        body = body.StartsWith("interval ", StringComparison.OrdinalIgnoreCase) ? body[9..].Trim() : body;
        var matches = Part().Matches(body);
        if (matches.Count == 0 || matches.Sum(m => m.Length) != body.Length)
        {
            return false;
        }

        foreach (Match match in matches)
        {
            var count = long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            interval += match.Groups[2].Value.ToLower(CultureInfo.InvariantCulture) switch
            {
                "week" => TimeSpan.FromDays(7 * count),
                "day" => TimeSpan.FromDays(count),
                "hour" => TimeSpan.FromHours(count),
                "minute" => TimeSpan.FromMinutes(count),
                "second" => TimeSpan.FromSeconds(count),
                _ => TimeSpan.FromMilliseconds(count),
            };
        }

        return true;
    }

    private static bool Flag(Metadata metadata, string name)
        => metadata.Configuration.TryGetValue(name, out var value) && string.Equals(value, "true", StringComparison.OrdinalIgnoreCase);

    private static int? Number(Metadata metadata, string name)
        => !metadata.Configuration.TryGetValue(name, out var value) ? null
            : int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
            : throw DeltaException.Invalid($"The table property {name} = '{value}' is not a number.");

    private static TimeSpan? Interval(Metadata metadata, string name)
        => !metadata.Configuration.TryGetValue(name, out var value) ? null
            : TryInterval(value, out var interval) ? interval
            : throw DeltaException.Invalid($"The table property {name} = '{value}' is not an interval such as 'interval 1 week'.");

    [GeneratedRegex(@"(\d+)\s+(week|day|hour|minute|second|millisecond)s?\s*", RegexOptions.IgnoreCase)]
    private static partial Regex Part();
}
