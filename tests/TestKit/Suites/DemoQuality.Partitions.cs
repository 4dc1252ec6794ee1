using System.Globalization;
using DataPlatform.Quality;

namespace DataPlatform.TestKit.Suites;

/// <summary>The orders by day: yesterday's are broken, and some of an older day were restated and are wrong since.</summary>
internal sealed partial class DemoQuality
{
    /// <summary>The partition whose rows broke yesterday.</summary>
    public const string BrokenPartition = "day=2001-02-28";

    /// <summary>The partition that was right until it was restated.</summary>
    public const string RestatedPartition = "day=2001-02-17";

    private const int PartitionsTold = 30;
    private const int RestatedDaysAgo = 5;

    private static IReadOnlyList<PartitionVerdict> Partitions(string table, int day) => table != "sales.orders"
        ? []
        : [.. Enumerable.Range(day, PartitionsTold).SelectMany(ago => Partition(Now.AddDays(-ago), day, ago))];

    private static IEnumerable<PartitionVerdict> Partition(DateTimeOffset date, int day, int ago)
    {
        var partition = $"day={date.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}";
        var rows = 400 + (date.Day * 7 % 60);
        var bad = partition == BrokenPartition ? 131 : partition == RestatedPartition && day <= RestatedDaysAgo ? 24 : date.Day % 9 == 4 ? 1 : 0;
        yield return new PartitionVerdict("range-0", partition, bad > 1 ? Outcome.Fail : Outcome.Pass)
        {
            Violations = bad,
            Evaluated = rows,
            Observed = bad.ToString(CultureInfo.InvariantCulture),
            Sample = bad > 100 ? Sample() : RowSample.Empty,
        };
        yield return new PartitionVerdict("not-null-0", partition, Outcome.Pass) { Violations = 0, Evaluated = rows, Observed = "0" };
        yield return new PartitionVerdict("pattern-0", partition, Outcome.Pass) { Violations = date.Day % 5, Evaluated = rows, Observed = (date.Day % 5).ToString(CultureInfo.InvariantCulture) };
        yield return new PartitionVerdict("row-count-0", partition, null) { Observed = (ago == day ? rows / 3 : rows).ToString(CultureInfo.InvariantCulture) };
    }
}
