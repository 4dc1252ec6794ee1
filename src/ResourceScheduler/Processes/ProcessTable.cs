using System.Globalization;
using System.Text;

namespace DataPlatform.ResourceScheduler.Processes;

/// <summary>What /proc says about processes.</summary>
internal static class ProcessTable
{
    private const int TicksPerSecond = 100;

    /// <summary>When a process started, in ticks since the machine did: with its number it is unique. Null when there is none.</summary>
    public static long? StartOf(int pid) => ReadStat(pid)?.StartTicks;

    /// <summary>State, session, processor time and memory of a process; null when there is none, or it is dead and only not yet
    /// collected.</summary>
    public static ProcessStat? ReadStat(int pid)
    {
        string text;
        try
        {
            text = File.ReadAllText($"/proc/{pid}/stat");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        // The name is in brackets and may itself hold brackets and blanks.
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return fields[0] is "Z" or "X" ? null : new ProcessStat(
            pid, int.Parse(fields[3], CultureInfo.InvariantCulture),
            (double)(long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12],
                CultureInfo.InvariantCulture)) / TicksPerSecond,
            long.Parse(fields[19], CultureInfo.InvariantCulture),
            long.Parse(fields[21], CultureInfo.InvariantCulture) * Environment.SystemPageSize);
    }

    /// <summary>Every process now.</summary>
    public static IEnumerable<int> All()
        => Directory.EnumerateDirectories("/proc").Select(path => int.TryParse(Path.GetFileName(path), out var pid) ? pid : 0).Where(pid
            => pid > 0);

    /// <summary>Processes whose environment says <c>name=value</c>: all descendants of one that was started so, wherever they
    /// went.</summary>
    public static IEnumerable<(int Pid, string Value)> WithVariable(string name)
    {
        var key = Encoding.UTF8.GetBytes(name + "=");
        foreach (var pid in All())
        {
            byte[] environment;
            try
            {
                environment = File.ReadAllBytes($"/proc/{pid}/environ");
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                continue;
            }

            if (Find(environment, key) is { } value)
            {
                yield return (pid, value);
            }
        }
    }

    private static string? Find(ReadOnlySpan<byte> environment, ReadOnlySpan<byte> key)
    {
        while (environment.Length > 0)
        {
            var end = environment.IndexOf((byte)0);
            var variable = end < 0 ? environment : environment[..end];
            if (variable.StartsWith(key))
            {
                return Encoding.UTF8.GetString(variable[key.Length..]);
            }

            environment = end < 0 ? [] : environment[(end + 1)..];
        }

        return null;
    }
}

/// <summary>One process at one moment.</summary>
internal readonly record struct ProcessStat(int Pid, int Session, double CpuSeconds, long StartTicks, long MemoryBytes);
