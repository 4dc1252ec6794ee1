using DataPlatform.Lakehouse.Scans.Skipping;

namespace DataPlatform.Lakehouse.DeltaLog.Checkpoints;

/// <summary>What a row group's adds hold beyond their keys, read when it is asked for. Thread-safe.</summary>
internal sealed class CheckpointRest(CheckpointParquet file, int group)
{
    private static readonly string[] Parts = ["minValues", "maxValues", "nullCount"];
    private readonly Lock _lock = new();
    private AddRows? _kept;
    private WeakReference<AddRows>? _recent;

    public AddRows Adds
    {
        get
        {
            lock (_lock)
            {
                if (_kept is not null || (_recent is not null && _recent.TryGetTarget(out _kept)))
                {
                    var found = _kept;
                    _kept = file.KeepsRest ? found : null;
                    return found;
                }

                var read = new AddRows(file.ReadAdds(group));
                _kept = file.KeepsRest ? read : null;
                _recent = new WeakReference<AddRows>(read);
                return read;
            }
        }
    }

    /// <summary>Only the columns that columns' bounds are in: the parsed form where it has them all, else the text.</summary>
    public AddRows ForBounds(IReadOnlyList<StatisticsColumn> columns)
    {
        List<string> leaves = [];
        StatisticsColumn[] inData = [.. columns.Where(c => c.Partition is null)];
        if (inData.Length < columns.Count)
        {
            leaves.Add("add.partitionValues");
        }

        if (System.Array.TrueForAll(inData, HasParsed))
        {
            leaves.AddRange(inData.SelectMany(Parsed).Append("add.stats_parsed.numRecords").Where(file.Has));
        }
        else
        {
            leaves.Add(file.Has("add.stats") ? "add.stats" : "add.stats_parsed");
        }

        return new AddRows(file.ReadLeaves(group, leaves));
    }

    /// <summary>Only what tells how many rows the files have.</summary>
    public AddRows ForRecords()
    {
        string[] leaves = [file.Has("add.stats_parsed.numRecords") ? "add.stats_parsed.numRecords" : "add.stats", "add.deletionVector"];
        return new AddRows(file.ReadLeaves(group, leaves));
    }

    private bool HasParsed(StatisticsColumn column) => Parsed(column).Any(file.Has);

    private static IEnumerable<string> Parsed(StatisticsColumn column)
        => Parts.Select(part => $"add.stats_parsed.{part}.{string.Join('.', column.Path)}");
}
