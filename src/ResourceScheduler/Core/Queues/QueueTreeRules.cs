namespace DataPlatform.ResourceScheduler.Queues;

/// <summary>What must hold for a tree to be accepted. Each refusal names the queue.</summary>
internal static class QueueTreeRules
{
    /// <summary>Thirds written with two decimals still add up.</summary>
    private const double FractionSlack = 1e-4;

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

        EnsureFractions(queue);
        EnsureMinimaFit(queue);
        foreach (var child in queue.Children)
        {
            EnsureValid(child);
        }

        EnsureSums(queue);
    }

    private static void EnsureFractions(QueueDefinition queue)
    {
        var options = queue.Options;
        EnsureFraction(queue, "capacity", options.Capacity);
        EnsureFraction(queue, "maximum capacity", options.MaxCapacity);
        EnsureFraction(queue, "share of masters", options.MasterShareMax);
        EnsureFraction(queue, "minimum user share", options.UserShareMin);
        EnsureFraction(queue, "fair share threshold", options.FairShareThreshold ?? 1);
        foreach (var (label, share) in options.LabelShares)
        {
            EnsureFraction(queue, $"capacity on label '{label}'", share.Capacity);
            EnsureFraction(queue, $"maximum capacity on label '{label}'", share.MaxCapacity);
        }

        if (options.Capacity > options.MaxCapacity)
        {
            throw SchedulerException.Invalid(
                $"Queue '{queue.Path}' has a capacity of {options.Capacity:P1} above its maximum of {options.MaxCapacity:P1}.");
        }

        if (options.RunningApplicationsMax < 0 || options.ApplicationsMax < 0 || options.LifetimeMaxMs < 0 || options.UserFactorMax < 0)
        {
            throw SchedulerException.Invalid($"Queue '{queue.Path}' has a negative limit.");
        }
    }

    private static void EnsureSums(QueueDefinition queue)
    {
        EnsureWhole(queue, "capacities", queue.Children.Sum(child => child.Options.Capacity));
        foreach (var label in queue.Children.SelectMany(child => child.Options.LabelShares.Keys).Distinct(StringComparer.Ordinal))
        {
            EnsureWhole(queue, $"capacities on label '{label}'",
                queue.Children.Sum(child => child.Options.LabelShares.GetValueOrDefault(label).Capacity));
        }
    }

    private static void EnsureFraction(QueueDefinition queue, string name, double value)
    {
        if (!(value is >= 0 and <= 1))
        {
            throw SchedulerException.Invalid($"Queue '{queue.Path}' has a {name} of {value}; it is a fraction from 0 to 1.");
        }
    }

    private static void EnsureWhole(QueueDefinition queue, string name, double sum)
    {
        if (sum > 1 + FractionSlack)
        {
            throw SchedulerException.Invalid($"The {name} of the queues below '{queue.Path}' add up to {sum:P2}: lower some to 100 % in all.");
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
