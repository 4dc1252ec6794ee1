namespace DataPlatform.ResourceScheduler.Nodes;

/// <summary>When a node could hold a request, by what its containers are expected to run.</summary>
internal static class Reservations
{
    /// <summary>The time at which enough has ended for the request to fit; 0 when it fits now, <see cref="long.MaxValue"/> when it cannot
    /// be told.</summary>
    public static long EarliestStartMs(Node node, in ResourceVector size)
    {
        var free = node.Free;
        if (size.FitsIn(free))
        {
            return 0;
        }

        foreach (var container in node.Containers.InOrder().OrderBy(container => container.ExpectedEndMs))
        {
            if (container.ExpectedEndMs == long.MaxValue)
            {
                break;
            }

            free += container.Resources;
            if (size.FitsIn(free))
            {
                return container.ExpectedEndMs;
            }
        }

        // Unknown run times could end at any moment, so nothing is known to end before them: no backfill.
        return size.FitsIn(node.Capacity) ? 0 : long.MaxValue;
    }
}
