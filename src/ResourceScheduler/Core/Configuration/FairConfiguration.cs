using System.Xml.Linq;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler.Configuration;

/// <summary>Reads the allocation file of YARN's Fair Scheduler (FairScheduler.md of Hadoop 3).</summary>
internal sealed class FairConfiguration
{
    private const double MasterShareDefault = 0.5;
    private static readonly HashSet<string> WithoutMeaning = new(StringComparer.Ordinal)
    {
        "reservation", "reservation-agent", "reservation-policy", "reservation-planner",
    };

    private readonly List<KeyValuePair<string, QueueOptions>> _queues = [];
    private readonly List<ConfigurationNote> _notes = [];
    private readonly Dictionary<string, int> _byUser = new(StringComparer.Ordinal);
    private QueueOptions _default = new()
    {
        Policy = QueuePolicy.Fair,
        MasterShareMax = MasterShareDefault,
        ApplicationsMax = int.MaxValue,
    };

    private QueueOptions _root = new();
    private int _perUser = int.MaxValue;
    private IReadOnlyList<QueuePlacementRule> _rules = [new(QueuePlacementKind.Specified), new(QueuePlacementKind.User)];

    public SchedulerConfiguration Read(XElement allocations)
    {
        foreach (var element in allocations.Elements())
        {
            ReadDefault(element);
        }

        // Everybody may submit where nothing else is said, and placement rules make queues.
        _root = _default with { SubmitAccess = AccessList.Everybody, CreatesLeaves = true, CreatedLevelsMax = 2, LeafTemplate = _default };
        foreach (var element in allocations.Elements().Where(element => element.Name.LocalName is "queue" or "pool"))
        {
            ReadQueue(element, QueueTree.RootPath);
        }

        if (!_queues.Exists(queue => queue.Key == QueueTree.RootPath))
        {
            _queues.Add(KeyValuePair.Create(QueueTree.RootPath, _root));
        }

        var placement = new QueuePlacement
        {
            Rules = _rules,
            RunningApplicationsPerUserMax = _perUser,
            RunningApplicationsByUser = _byUser
        };
        return new SchedulerConfiguration(new QueueTree(_queues, placement)) { Notes = _notes };
    }

    private void ReadDefault(XElement element)
    {
        var (name, text, line) = (element.Name.LocalName, XmlText.Text(element), XmlText.Line(element));
        switch (name)
        {
            case "queue" or "pool":
                break;
            case "user":
                ReadUser(element, line);
                break;
            case "userMaxAppsDefault" or "userMaxJobsDefault":
                _perUser = XmlText.Whole(text, line, name);
                break;
            case "queueMaxAppsDefault" or "poolMaxJobsDefault":
                _default = _default with { RunningApplicationsMax = XmlText.Whole(text, line, name) };
                break;
            case "queueMaxResourcesDefault":
                _default = WithMax(_default, text, line, name);
                break;
            case "queueMaxAMShareDefault":
                _default = _default with { MasterShareMax = MasterShare(text, line, name) };
                break;
            case "defaultMinSharePreemptionTimeout" or "defaultFairSharePreemptionTimeout" or "fairSharePreemptionTimeout":
                _default = _default with { PreemptionTimeoutMs = Seconds(text, line, name) };
                break;
            case "defaultFairSharePreemptionThreshold":
                _default = _default with { FairShareThreshold = XmlText.Number(text, line, name) };
                break;
            case "defaultQueueSchedulingPolicy" or "defaultQueueSchedulingMode":
                _default = _default with { Policy = Policy(text, line, name) };
                break;
            case "queuePlacementPolicy":
                _rules = [.. element.Elements().Select(FairPlacement.Rule)];
                break;
            default:
                Note(line, name);
                break;
        }
    }

    private void ReadUser(XElement user, int line)
    {
        var name = user.Attribute("name")?.Value ?? throw SchedulerException.Invalid($"Line {line}: a user has no name.");
        foreach (var element in user.Elements())
        {
            if (element.Name.LocalName is "maxRunningApps" or "maxRunningJobs")
            {
                _byUser[name] = XmlText.Whole(XmlText.Text(element), XmlText.Line(element), $"maxRunningApps of user '{name}'");
            }
            else
            {
                Note(XmlText.Line(element), $"user.{element.Name.LocalName}");
            }
        }
    }

    private void ReadQueue(XElement queue, string above)
    {
        var line = XmlText.Line(queue);
        var name = queue.Attribute("name")?.Value.Trim() ?? throw SchedulerException.Invalid($"Line {line}: a queue has no name.");
        var path = above == QueueTree.RootPath && name == QueueTree.RootPath ? name : $"{above}.{name}";
        var options = path == QueueTree.RootPath ? _root : _default;
        if (queue.Attribute("type")?.Value == "parent" || queue.Elements().Any(element => element.Name.LocalName is "queue" or "pool"))
        {
            options = options with { CreatesLeaves = true, LeafTemplate = _default };
        }

        foreach (var element in queue.Elements().Where(element => element.Name.LocalName is not ("queue" or "pool")))
        {
            options = ReadSetting(options, element, path);
        }

        if (_queues.Exists(other => other.Key == path))
        {
            throw SchedulerException.Invalid($"Line {line}: queue '{path}' is defined twice.");
        }

        _queues.Add(KeyValuePair.Create(path, options));
        foreach (var child in queue.Elements().Where(element => element.Name.LocalName is "queue" or "pool"))
        {
            ReadQueue(child, path);
        }
    }

    private QueueOptions ReadSetting(QueueOptions options, XElement element, string path)
    {
        var (name, text, line) = (element.Name.LocalName, XmlText.Text(element), XmlText.Line(element));
        var what = $"{name} of queue '{path}'";
        switch (name)
        {
            case "minResources":
                return options with { Min = YarnText.Units(text, line, what, ResourceVector.Zero) };
            case "maxResources":
                return WithMax(options, text, line, what);
            case "maxChildResources":
                return options with { LeafTemplate = WithMax(options.LeafTemplate ?? _default, text, line, what) };
            case "maxContainerAllocation":
                return options with { ContainerMax = YarnText.Units(text, line, what, ResourceVector.Unbounded) };
            case "maxRunningApps" or "maxRunningJobs":
                return options with { RunningApplicationsMax = XmlText.Whole(text, line, what) };
            case "maxAMShare":
                return options with { MasterShareMax = MasterShare(text, line, what) };
            case "weight":
                return options with { Weight = XmlText.Number(text, line, what) };
            case "schedulingPolicy" or "schedulingMode":
                return options with { Policy = Policy(text, line, what) };
            case "aclSubmitApps":
                return options with { SubmitAccess = YarnText.Access(element.Value) };
            case "aclAdministerApps":
                return options with { AdministerAccess = YarnText.Access(element.Value) };
            case "minSharePreemptionTimeout" or "fairSharePreemptionTimeout":
                return options with { PreemptionTimeoutMs = Seconds(text, line, what) };
            case "fairSharePreemptionThreshold":
                return options with { FairShareThreshold = XmlText.Number(text, line, what) };
            case "allowPreemptionFrom":
                return options with
                {
                    Preemption = XmlText.Flag(text, line, what) ? PreemptionScope.AcrossQueues : PreemptionScope.Never,
                };
            default:
                Note(line, $"{path}.{name}");
                return options;
        }
    }

    /// <summary>-1 takes the bound away.</summary>
    private static double MasterShare(string text, int line, string what)
        => XmlText.Number(text, line, what) is var share && share < 0 ? 1 : share;

    private static QueueOptions WithMax(QueueOptions options, string text, int line, string what)
        => text.Contains('%', StringComparison.Ordinal)
            ? options with { MaxCapacity = YarnText.Fraction(text, line, what) }
            : options with { Max = YarnText.Units(text, line, what, ResourceVector.Unbounded) };

    private static long Seconds(string text, int line, string what) => (long)(1000 * XmlText.Number(text, line, what));

    private static QueuePolicy Policy(string text, int line, string what) => text.ToUpperInvariant() switch
    {
        "FAIR" => QueuePolicy.Fair,
        "FIFO" => QueuePolicy.Fifo,
        "DRF" => QueuePolicy.DominantResourceFairness,
        _ => throw XmlText.Wrong(text, line, what, "fair, fifo or drf"),
    };

    private void Note(int line, string name)
    {
        var last = name[(name.LastIndexOf('.') + 1)..];
        _notes.Add(new ConfigurationNote(line, WithoutMeaning.Contains(last) ? $"'{name}' has no meaning here" : $"'{name}' is not known"));
    }
}
