using DataPlatform.ResourceScheduler.Queues;
using Setting = DataPlatform.ResourceScheduler.Configuration.CapacityConfiguration.Setting;

namespace DataPlatform.ResourceScheduler.Configuration;

/// <summary>The settings of one queue in <c>capacity-scheduler.xml</c>.</summary>
/// <param name="path">The queue.</param>
/// <param name="take">A setting by the name behind the queue's path.</param>
/// <param name="takeAll">Settings whose names have a part of their own between two known ones.</param>
internal sealed class CapacityQueueKeys(
    string path, Func<string, Setting?> take, Func<(string Before, string After), IEnumerable<(string Part, Setting Setting)>> takeAll)
{
    public QueueOptions Read(QueueOptions options)
    {
        options = Sizes(options, "");
        options = Limits(options);
        options = Access(options);
        options = Labels(options);
        return Created(Stopping(options));
    }

    /// <summary>Capacity and maximum: a percentage, amounts in brackets, or a weight.</summary>
    private QueueOptions Sizes(QueueOptions options, string prefix)
    {
        if (take(prefix + "capacity") is { } capacity)
        {
            var what = What(prefix + "capacity");
            options = capacity.Text.Contains('[', StringComparison.Ordinal)
                ? IsFraction(capacity) ? options with { Capacity = YarnText.Fraction(capacity.Text.Trim('[', ']'), capacity.Line, what) }
                    : options with { Min = YarnText.Amounts(capacity.Text, capacity.Line, what, ResourceVector.Zero) }
                : capacity.Text.EndsWith('w') ? options with { Weight = XmlText.Number(capacity.Text[..^1], capacity.Line, what) }
                : path == QueueTree.RootPath ? options
                : options with { Capacity = Percent(capacity, what) };
        }

        if (take(prefix + "maximum-capacity") is { } max && max.Text != "-1")
        {
            var what = What(prefix + "maximum-capacity");
            options = max.Text.Contains('[', StringComparison.Ordinal)
                ? IsFraction(max) ? options with { MaxCapacity = YarnText.Fraction(max.Text.Trim('[', ']'), max.Line, what) }
                    : options with { Max = YarnText.Amounts(max.Text, max.Line, what, ResourceVector.Unbounded) }
                : options with { MaxCapacity = Percent(max, what) };
        }

        return options;
    }

    private static bool IsFraction(Setting setting) => setting.Text.Contains('%', StringComparison.Ordinal);

    private QueueOptions Limits(QueueOptions options)
    {
        options = options with
        {
            UserShareMin = Number("minimum-user-limit-percent", 100 * options.UserShareMin) / 100,
            // A factor of 1 is YARN's default; without a guarantee it would let nobody in.
            UserFactorMax = Number("user-limit-factor", options.Capacity > 0 || !options.Min.IsZero ? 1 : double.PositiveInfinity),
            ApplicationsMax = (int)Number("maximum-applications", options.ApplicationsMax),
            RunningApplicationsMax = (int)Number("max-parallel-apps", options.RunningApplicationsMax),
            MasterShareMax = Number("maximum-am-resource-percent", options.MasterShareMax),
            Priority = (int)Number("priority", options.Priority),
            LifetimeMaxMs = Math.Max(0, (long)(1000 * Number("maximum-application-lifetime", 0))),
            Policy = take("ordering-policy") is { } order ? Order(order, options.Policy) : options.Policy,
        };
        take("ordering-policy.fair.enable-size-based-weight");
        var (memory, cores) = (Number("maximum-allocation-mb", -1), Number("maximum-allocation-vcores", -1));
        var largest = ResourceVector.Unbounded with
        {
            MemoryMiB = memory >= 0 ? (long)memory : long.MaxValue,
            CpuMillis = cores >= 0 ? (long)(1000 * cores) : long.MaxValue,
        };
        return options with
        {
            UserFactorMax = options.UserFactorMax < 0 ? double.PositiveInfinity : options.UserFactorMax,
            ContainerMax = largest,
            UserWeights = takeAll(("user-settings", "weight"))
                .ToDictionary(item => item.Part, item => XmlText.Number(item.Setting.Text, item.Setting.Line,
                    What($"weight of {item.Part}")),
                    StringComparer.Ordinal),
        };
    }

    private QueueOptions Access(QueueOptions options)
    {
        var submit = take("acl_submit_applications");
        var administer = take("acl_administer_queue");
        return options with
        {
            SubmitAccess = submit is null ? options.SubmitAccess : YarnText.Access(submit.Text),
            AdministerAccess = administer is null ? options.AdministerAccess : YarnText.Access(administer.Text),
            State = take("state") is { } state ? StateOf(state) : options.State,
        };
    }

    private QueueOptions Labels(QueueOptions options)
    {
        var max = takeAll(("accessible-node-labels", "maximum-capacity")).ToDictionary(item => item.Part, item
            => item.Setting, StringComparer.Ordinal);
        var shares = takeAll(("accessible-node-labels", "capacity")).ToDictionary(
            item => item.Part,
            item => new LabelShare(
                Percent(item.Setting, What($"capacity on label {item.Part}")),
                max.TryGetValue(item.Part, out var bound) && bound.Text != "-1" ? Percent(bound, What($"maximum on label {item.Part}"))
                    : 1),
            StringComparer.Ordinal);
        foreach (var (label, bound) in max.Where(pair => !shares.ContainsKey(pair.Key)))
        {
            shares[label] = new LabelShare(0, bound.Text == "-1" ? 1 : Percent(bound, What($"maximum on label {label}")));
        }

        return options with
        {
            Labels = take("accessible-node-labels") is { } labels ? YarnText.Names(labels.Text) : options.Labels,
            LabelShares = path == QueueTree.RootPath ? options.LabelShares : shares,
            DefaultLabel = take("default-node-label-expression")?.Text ?? options.DefaultLabel,
        };
    }

    private QueueOptions Stopping(QueueOptions options)
    {
        var (across, within) = (Flag("disable_preemption"), Flag("intra-queue-preemption.disable_preemption"));
        return across == true ? options with { Preemption = within == true ? PreemptionScope.Never : PreemptionScope.WithinQueue }
            : options;
    }

    private QueueOptions Created(QueueOptions options)
    {
        var isFirst = Flag("auto-create-child-queue.enabled") == true;
        var isSecond = Flag("auto-queue-creation-v2.enabled") == true;
        if (!isFirst && !isSecond)
        {
            return options;
        }

        var prefix = isFirst ? "leaf-queue-template." : "auto-queue-creation-v2.leaf-template.";
        return options with
        {
            CreatesLeaves = true,
            CreatedLevelsMax = isSecond ? (int)Number("auto-queue-creation-v2.max-depth", 2) : 1,
            LeafTemplate = Sizes(new QueueOptions { Policy = QueuePolicy.Fifo, MasterShareMax = options.MasterShareMax }, prefix),
        };
    }

    private double Number(string name, double absent) => take(name) is { } setting ? XmlText.Number(setting.Text, setting.Line, What(name))
        : absent;

    private bool? Flag(string name) => take(name) is { } setting ? XmlText.Flag(setting.Text, setting.Line, What(name)) : null;

    private static double Percent(Setting setting, string what)
    {
        var percent = XmlText.Number(setting.Text.TrimEnd('%'), setting.Line, what);
        return percent is >= 0 and <= 100 ? percent / 100 : throw XmlText.Wrong(setting.Text, setting.Line, what,
            "a percentage from 0 to 100");
    }

    private QueuePolicy Order(Setting order, QueuePolicy absent) => order.Text switch
    {
        "fifo" or "fifo-with-partitions" or "fifo-for-pending-apps" => QueuePolicy.Fifo,
        "fair" => QueuePolicy.Fair,
        "utilization" or "priority-utilization" => absent,
        _ => throw XmlText.Wrong(order.Text, order.Line, What("ordering-policy"), "fifo, fair, utilization or priority-utilization"),
    };

    private QueueState StateOf(Setting state) => state.Text.ToUpperInvariant() switch
    {
        "RUNNING" => QueueState.Running,

        // In YARN a stopped queue finishes what it has, which is what draining means here.
        "STOPPED" or "DRAINING" => QueueState.Draining,
        _ => throw XmlText.Wrong(state.Text, state.Line, What("state"), "RUNNING or STOPPED"),
    };

    private string What(string name) => $"{name} of queue '{path}'";
}
