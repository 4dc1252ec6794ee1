namespace DataPlatform.Streaming.State;

/// <summary>
/// Which key group a key belongs to and which subtask owns a key group. Groups are the unit in which keyed state moves between subtasks, so
/// these functions are part of the checkpoint format (see docs/formats/checkpoint.md).
/// </summary>
internal static class KeyGroups
{
    public const int CountMax = 32_768;

    /// <summary>The group of a key hash: its high bits, so that the low bits stay independent inside a group's hash table.</summary>
    public static int GroupOf(int keyHash, int maxParallelism) => unchecked((int)(((ulong)(uint)keyHash * (uint)maxParallelism) >> 32));

    /// <summary>The contiguous groups of one subtask.</summary>
    public static KeyGroupRange RangeOf(int subtask, int parallelism, int maxParallelism)
    {
        var first = ((subtask * maxParallelism) + parallelism - 1) / parallelism;
        var last = (((subtask + 1) * maxParallelism) - 1) / parallelism;
        return new KeyGroupRange(first, last);
    }

    /// <summary>The subtask that owns a group.</summary>
    public static int SubtaskOf(int keyGroup, int parallelism, int maxParallelism) => keyGroup * parallelism / maxParallelism;

    /// <summary>The owner of every group, as a table.</summary>
    public static int[] Targets(int maxParallelism, int parallelism)
    {
        var targets = new int[maxParallelism];
        for (var group = 0; group < maxParallelism; group++)
        {
            targets[group] = SubtaskOf(group, parallelism, maxParallelism);
        }

        return targets;
    }
}

/// <summary>Contiguous key groups, both ends included.</summary>
internal readonly record struct KeyGroupRange(int First, int Last)
{
    public bool Contains(int keyGroup) => keyGroup >= First && keyGroup <= Last;
}
