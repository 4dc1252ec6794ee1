namespace DataPlatform.Simulation.Streaming;

/// <summary>What a topology must give out, computed split by split in one loop, without any of the engine's code.</summary>
public static class SequentialModel
{
    public static List<Outcome> Run(RandomTopology topology)
    {
        List<Outcome> all = [];
        var windows = new Dictionary<(int Key, long Start), (long Count, long Sum)>();
        var totals = new Dictionary<int, (long Count, long Sum)>();
        foreach (var split in topology.Splits.Concat(topology.MoreSplits))
        {
            long? maxMs = null;
            foreach (var raw in split)
            {
                all.Add(new Outcome("raw", raw.Key, raw.TimeMs, 1, raw.Value));
                if (RandomTopology.Transform(raw, topology.Modulus) is { } item)
                {
                    var before = totals.GetValueOrDefault(item.Key);
                    totals[item.Key] = (before.Count + 1, before.Sum + item.Value);
                    Add(topology, windows, all, item, maxMs - topology.BoundMs - 1);
                }

                maxMs = Math.Max(maxMs ?? long.MinValue, raw.TimeMs);
            }
        }

        all.AddRange(windows.Select(static w => new Outcome("window", w.Key.Key, w.Key.Start, w.Value.Count, w.Value.Sum)));
        if (topology.HasTotals)
        {
            all.AddRange(totals.Select(static t => new Outcome("total", t.Key, 0, t.Value.Count, t.Value.Sum)));
        }

        if (topology.HasSecondWindow)
        {
            all.AddRange(windows.GroupBy(static w => (w.Key.Key % 3, w.Key.Start))
                .Select(static g => (g.Key.Item1, At: g.Key.Start, Count: g.LongCount(), Sum: g.Sum(static w => w.Value.Sum)))
                .GroupBy(r => (r.Item1, Start: Floor(r.At + topology.SizeMs - 1, 1000)))
                .Select(static g => new Outcome("second", g.Key.Item1, g.Key.Start, g.Sum(static r => r.Count), g.Sum(static r => r.Sum))));
        }

        all.Sort(Outcome.Compare);
        return all;
    }

    private static void Add(
        RandomTopology topology, Dictionary<(int Key, long Start), (long Count, long Sum)> windows, List<Outcome> all, Item item, long? watermarkMs)
    {
        var last = Floor(item.TimeMs - topology.OffsetMs, topology.SlideMs) + topology.OffsetMs;
        if (last + topology.SizeMs - 1 <= watermarkMs)
        {
            all.Add(new Outcome("late", item.Key, item.TimeMs, 1, item.Value));
            return;
        }

        // A record can be late for some of its windows and in time for others.
        for (var start = last; start + topology.SizeMs > item.TimeMs && !(start + topology.SizeMs - 1 <= watermarkMs); start -= topology.SlideMs)
        {
            var before = windows.GetValueOrDefault((item.Key, start));
            windows[(item.Key, start)] = (before.Count + 1, before.Sum + item.Value);
        }
    }

    private static long Floor(long value, long step) => (long)Math.Floor((decimal)value / step) * step;
}
