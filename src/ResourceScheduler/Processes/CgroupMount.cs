namespace DataPlatform.ResourceScheduler.Processes;

/// <summary>Where control groups are mounted, and this process's place in each hierarchy.</summary>
/// <param name="Folder">The group of this process, or the root where that is not visible here.</param>
/// <param name="Root">The mount itself.</param>
internal sealed record CgroupMount(string Folder, string Root)
{
    /// <summary>The hierarchy of a controller of version 1, or of version 2 when <paramref name="controller"/> is null.</summary>
    public static CgroupMount? Find(string? controller)
    {
        foreach (var line in File.ReadLines("/proc/self/mountinfo"))
        {
            // id parent device root mount-point options ... - type source super-options
            var dash = line.IndexOf(" - ", StringComparison.Ordinal);
            var (before, after) = (line[..dash].Split(' '), line[(dash + 3)..].Split(' '));
            var isIt = controller is null ? after[0] == "cgroup2" : after[0] == "cgroup" && after[2].Split(',').Contains(controller);
            if (isIt)
            {
                var root = before[4];
                var own = Path.Join(root, OwnPath(controller));
                return new CgroupMount(Directory.Exists(own) ? own.TrimEnd('/') : root, root);
            }
        }

        return null;
    }

    private static string OwnPath(string? controller)
    {
        foreach (var line in File.ReadLines("/proc/self/cgroup"))
        {
            var parts = line.Split(':', 3);
            if (controller is null ? parts[0] == "0" : parts[1].Split(',').Contains(controller))
            {
                return parts[2];
            }
        }

        return "/";
    }
}
