using System.Globalization;

namespace DataPlatform.Streaming.Tests;

/// <summary>Random input, and what tumbling windows must make of it, computed in the most straightforward way.</summary>
public static class WindowModel
{
    public static Reading[][] RandomSplits(int seed, int splits, int perSplit, int keys)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, splits).Select(_ => Enumerable.Range(0, perSplit)
            .Select(i => new Reading($"k{random.Next(keys)}", (i * 10L) - random.Next(400) - 1000, random.Next(100))).ToArray())];
    }

    /// <summary>With lateness by split: the windows and the late records of every split's own order.</summary>
    public static (List<string> Windows, List<string> Late) Expect(Reading[][] splits, long sizeMs, long boundMs)
    {
        List<string> late = [];
        var windows = new SortedDictionary<(long Start, string Key), Total>();
        foreach (var split in splits)
        {
            var max = long.MinValue + boundMs + 1;
            foreach (var reading in split)
            {
                var start = (long)Math.Floor(reading.TimeMs / (double)sizeMs) * sizeMs;
                if (start + sizeMs - 1 <= max - boundMs - 1)
                {
                    late.Add(FormatLate(reading, reading.TimeMs));
                }
                else
                {
                    var before = windows.GetValueOrDefault((start, reading.Key));
                    windows[(start, reading.Key)] = new Total(before.Count + 1, before.Sum + reading.Value);
                }

                max = Math.Max(max, reading.TimeMs);
            }
        }

        late.Sort(StringComparer.Ordinal);
        var lines = windows.Select(w => Format(w.Key.Key, w.Key.Start, w.Value)).ToList();
        lines.Sort(StringComparer.Ordinal);
        return (lines, late);
    }

    public static string Format(string key, long startMs, Total total)
        => string.Create(CultureInfo.InvariantCulture, $"{startMs} {key} {total.Count} {total.Sum}");

    public static string FormatLate(Reading reading, long timeMs)
        => string.Create(CultureInfo.InvariantCulture, $"{timeMs} {reading.Key} {reading.Value}");
}
