using System.Globalization;

namespace DataPlatform.ResourceScheduler.Processes;

/// <summary>The files of control groups.</summary>
internal static class CgroupFiles
{
    public const long PeriodMicros = 100_000;

    /// <summary>The least quota the kernel takes.</summary>
    private const long QuotaMin = 1_000;

    public static long Quota(long cpuMillis) => Math.Max(QuotaMin, cpuMillis * PeriodMicros / 1_000);

    public static void Write(string folder, string file, string value) => File.WriteAllText(Path.Combine(folder, file), value);

    /// <summary>Writes a value where the kernel offers the file.</summary>
    public static void WriteIfThere(string folder, string file, string value)
    {
        if (File.Exists(Path.Combine(folder, file)))
        {
            Write(folder, file, value);
        }
    }

    public static long ReadNumber(string folder, string file)
    {
        try
        {
            return long.TryParse(File.ReadAllText(Path.Combine(folder, file)).Trim(), CultureInfo.InvariantCulture, out var number)
                ? number : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>A value of a file of names and numbers; 0 when it is not there.</summary>
    public static long ReadNamed(string folder, string file, string name)
    {
        try
        {
            foreach (var line in File.ReadLines(Path.Combine(folder, file)))
            {
                if (line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] == ' ')
                {
                    return long.Parse(line.AsSpan(name.Length + 1), CultureInfo.InvariantCulture);
                }
            }
        }
        catch (IOException)
        {
            // A kernel without the file knows nothing of it.
        }

        return 0;
    }

    public static IReadOnlyList<int> Processes(string folder)
    {
        try
        {
            return [.. File.ReadLines(Path.Combine(folder, "cgroup.procs")).Select(line => int.Parse(line, CultureInfo.InvariantCulture))];
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>Removes an empty group. The kernel may need a moment to see that it is empty.</summary>
    public static async Task RemoveAsync(string folder)
    {
        for (var delay = 1; Directory.Exists(folder); delay = Math.Min(50, delay * 2))
        {
            try
            {
                Directory.Delete(folder);
            }
            catch (IOException) when (delay < 50 || Processes(folder).Count == 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(delay), TimeProvider.System).ConfigureAwait(false);
            }
        }
    }
}
