namespace DataPlatform.ResourceScheduler.Queues;

/// <summary>What a queue path may look like, and its parts.</summary>
internal static class QueuePath
{
    public const int SegmentLengthMax = 200;

    public static void EnsureValid(string path)
    {
        if (string.IsNullOrEmpty(path))
        {
            throw SchedulerException.Invalid("A queue path is empty; paths look like 'root.team.user'.");
        }

        var segments = path.Split('.');
        if (segments[0] != QueueTree.RootPath)
        {
            throw SchedulerException.Invalid($"Queue '{path}' does not start at 'root'.");
        }

        foreach (var segment in segments)
        {
            EnsureSegment(segment, path);
        }
    }

    public static void EnsureSegment(string segment, string path)
    {
        if (segment.Length is 0 or > SegmentLengthMax
            || segment.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '.' or '/' or '\\'))
        {
            throw SchedulerException.Invalid($"Queue '{path}' has the part '{segment}': parts are 1 to {SegmentLengthMax} characters without blanks or separators.");
        }
    }

    public static string? Parent(string path)
    {
        var dot = path.LastIndexOf('.');
        return dot < 0 ? null : path[..dot];
    }

    public static string Name(string path) => path[(path.LastIndexOf('.') + 1)..];
}
