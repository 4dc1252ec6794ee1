namespace DataPlatform.ResourceScheduler.Queues;

/// <summary>What must hold for a tree to be accepted. Each refusal names the queue.</summary>
internal static class QueueTreeRules
{
    public static void EnsureValid(QueueDefinition queue)
    {
        if (!double.IsFinite(queue.Options.Weight) || queue.Options.Weight < 0)
        {
            throw SchedulerException.Invalid($"Queue '{queue.Path}' has the weight {queue.Options.Weight}; a weight is zero or more.");
        }

        if (!queue.Options.Min.WithinBound(queue.Options.Max))
        {
            throw SchedulerException.Invalid($"Queue '{queue.Path}' has a minimum of ({queue.Options.Min}) above its maximum of ({queue.Options.Max}).");
        }

        EnsureMinimaFit(queue);
        foreach (var child in queue.Children)
        {
            EnsureValid(child);
        }
    }

    private static void EnsureMinimaFit(QueueDefinition queue)
    {
        var minima = queue.Children.Aggregate(ResourceVector.Zero, (sum, child) => sum + child.Guarantee);
        if (!queue.Options.Min.IsZero && !minima.FitsIn(queue.Options.Min))
        {
            throw SchedulerException.Invalid(
                $"The minima of the queues below '{queue.Path}' add up to ({minima}), above its own minimum of ({queue.Options.Min}): lower theirs or raise it.");
        }

        if (!minima.WithinBound(queue.Options.Max))
        {
            throw SchedulerException.Invalid(
                $"The minima of the queues below '{queue.Path}' add up to ({minima}), above its maximum of ({queue.Options.Max}): lower theirs or raise it.");
        }
    }
}
