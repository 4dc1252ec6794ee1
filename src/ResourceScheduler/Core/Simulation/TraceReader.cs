namespace DataPlatform.ResourceScheduler.Simulation;

/// <summary>Reads traces of several kinds. A trace that cannot be read is refused naming the line or the job.</summary>
public static class TraceReader
{
    /// <summary>Reads a trace by what it looks like: SLS (jobs or SYNTH), rumen, SWIM, openb, gavel, Tiresias, Kueue's generator files or
    /// own
    /// JSON lines.</summary>
    /// <param name="text">The trace.</param>
    /// <param name="nodes">A second file with nodes, for openb; null where there is none.</param>
    /// <exception cref="SchedulerException">Invalid: the kind is unknown, or a line or job is malformed.</exception>
    public static ClusterTrace Read(string text, string? nodes = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        var first = text.AsSpan().TrimStart();
        if (first.StartsWith("name,cpu_milli"))
        {
            return CsvTraces.Openb(text, nodes);
        }

        if (first.StartsWith("job_id,arrival_s"))
        {
            return CsvTraces.Gavel(text);
        }

        if (first.StartsWith("job_id,num_gpu"))
        {
            return CsvTraces.Tiresias(text);
        }

        if (first.Length > 0 && first[0] == '{')
        {
            return JsonTraces.Read(text);
        }

        return IsYaml(text) ? KueueTraces.Read(text) : CsvTraces.Swim(text);
    }

    /// <summary>A key at the start of a line; tables have separators before any colon.</summary>
    private static bool IsYaml(string text)
    {
        var line = text.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0 && line[0] != '#' && line != "---")
            ?? "";
        return line.Contains(':', StringComparison.Ordinal) && !line.Contains('\t', StringComparison.Ordinal);
    }
}
