using System.Xml.Linq;
using DataPlatform.ResourceScheduler.Preemption;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler.Configuration;

/// <summary>Reads <c>capacity-scheduler.xml</c> (CapacityScheduler.md of Hadoop 3), with the preemption settings of <c>yarn-site.xml</c>
/// where
/// they stand in the same file.</summary>
internal sealed class CapacityConfiguration
{
    private const string Prefix = "yarn.scheduler.capacity.";
    private const string PreemptionPrefix = "yarn.resourcemanager.monitor.capacity.preemption.";
    private const double MasterShareDefault = 0.1;

    /// <summary>Settings of machinery that works otherwise here.</summary>
    private static readonly string[] WithoutMeaning =
    [
        "resource-calculator", "node-locality-delay", "rack-locality-additional-delay", "rack-locality-full-reset", "per-node-heartbeat.",
        "schedule-asynchronously.", "multi-node-placement", "multi-node-sorting.", "application.fail-fast",
            "queue-mappings-override.enable",
        "maximum-applications", "maximum-am-resource-percent", "workflow-priority-mappings", "workflow-priority-mappings-override.enable",
        "reservations-continue-look-all-nodes", "legacy-queue-mode.enabled",
    ];

    private readonly Dictionary<string, Setting> _settings = new(StringComparer.Ordinal);
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private readonly List<KeyValuePair<string, QueueOptions>> _queues = [];

    public SchedulerConfiguration Read(XElement configuration)
    {
        var notes = new List<ConfigurationNote>();
        foreach (var property in configuration.Elements())
        {
            var name = property.Element("name")?.Value.Trim();
            if (property.Name.LocalName != "property" || name is null)
            {
                notes.Add(new ConfigurationNote(XmlText.Line(property), $"'{property.Name.LocalName}' is not a property with a name"));
                continue;
            }

            _settings[name] = new Setting(property.Element("value")?.Value ?? "", XmlText.Line(property.Element("name")!));
        }

        ReadQueue(QueueTree.RootPath);
        var placement = new QueuePlacement
        {
            Rules = Resolved(CapacityMappings.Read(Take(Prefix + "queue-mappings"), Take(Prefix
            + "queue-mappings.application")))
        };
        var preemption = ReadPreemption();
        var tree = new QueueTree(_queues, placement);
        notes.AddRange(_settings.Where(pair => !_used.Contains(pair.Key)).Select(pair
            => new ConfigurationNote(pair.Value.Line, WhyUnused(pair.Key))));
        return new SchedulerConfiguration(tree, preemption) { Notes = [.. notes.OrderBy(note => note.Line)] };
    }

    /// <summary>Mappings may name a leaf by its last part where that is unique.</summary>
    private IReadOnlyList<QueuePlacementRule> Resolved(IReadOnlyList<QueuePlacementRule> rules)
        => [.. rules.Select(rule => _queues.Select(queue => queue.Key)
            .Where(path => QueuePath.Name(path) == rule.Queue).Take(2).ToArray() is [var only] ? rule with { Queue = only } : rule)];

    private void ReadQueue(string path)
    {
        var children = Take($"{Prefix}{path}.queues") is { } listed ? YarnText.Names(listed.Text) : [];
        var keys = new CapacityQueueKeys(path, name => Take($"{Prefix}{path}.{name}"), name => UnderPath(path, name));
        var options = keys.Read(path == QueueTree.RootPath ? Global() : new QueueOptions
        {
            Policy = children.Length > 0 ? QueuePolicy.Capacity : QueuePolicy.Fifo,
            MasterShareMax = Global().MasterShareMax,
            ApplicationsMax = Global().ApplicationsMax,
        });
        _queues.Add(KeyValuePair.Create(path, options));
        foreach (var child in children)
        {
            ReadQueue($"{path}.{child}");
        }

        EnsureWhole(path, children);
    }

    /// <summary>Percentages of siblings are of one whole; too little is as wrong as too much.</summary>
    private void EnsureWhole(string path, string[] children)
    {
        var given = children.Select(child => (Child: child, Setting: _settings.GetValueOrDefault($"{Prefix}{path}.{child}.capacity")))
            .Where(item => item.Setting is { Text: var text } && !text.Contains('[', StringComparison.Ordinal)
                && !text.EndsWith('w')).ToArray();
        var sum = given.Sum(item => XmlText.Number(item.Setting!.Text.TrimEnd('%'), item.Setting.Line,
            $"capacity of queue '{path}.{item.Child}'"));
        if (given.Length > 0 && sum > 0 && Math.Abs(sum - 100) > 0.01)
        {
            throw SchedulerException.Invalid(
                $"Line {given[^1].Setting!.Line}: the capacities of the queues below '{path}' add up to {sum} %; they have to make 100 %.");
        }
    }

    private QueueOptions Global() => new()
    {
        Policy = QueuePolicy.Capacity,
        SubmitAccess = AccessList.Everybody,
        AdministerAccess = AccessList.Everybody,
        MasterShareMax = Take(Prefix + "maximum-am-resource-percent") is { } share
            ? XmlText.Number(share.Text, share.Line, "maximum-am-resource-percent") : MasterShareDefault,
        ApplicationsMax = Take(Prefix + "maximum-applications") is { } applications
            ? XmlText.Whole(applications.Text, applications.Line, "maximum-applications") : 10_000,
    };

    private PreemptionOptions? ReadPreemption()
    {
        if (!_settings.Keys.Any(key => key.StartsWith(PreemptionPrefix, StringComparison.Ordinal)))
        {
            return null;
        }

        double Number(string name, double absent)
            => Take(PreemptionPrefix + name) is { } setting ? XmlText.Number(setting.Text, setting.Line, name) : absent;
        var rules = new CapacityPreemptionRules();
        return new PreemptionOptions
        {
            Trigger = PreemptionTrigger.Capacity,
            ObservesOnly = Take(PreemptionPrefix + "observe_only") is { } only && XmlText.Flag(only.Text, only.Line, "observe_only"),
            IntervalMs = (long)Number("monitoring_interval", 3_000),
            GraceMs = (long)Number("max_wait_before_kill", 15_000),
            Capacity = rules with
            {
                PerRoundMax = Number("total_preemption_per_round", rules.PerRoundMax),
                DeadZone = Number("max_ignored_over_capacity", rules.DeadZone),
                NaturalTerminationFactor = Number("natural_termination_factor", rules.NaturalTerminationFactor),
            },
        };
    }

    private Setting? Take(string key)
    {
        if (_settings.TryGetValue(key, out var setting))
        {
            _used.Add(key);
            return setting with { Text = setting.Text.Trim() };
        }

        return null;
    }

    /// <summary>Settings of a queue whose names have parts of their own, such as labels and users: the middle part with its
    /// setting.</summary>
    private IEnumerable<(string Part, Setting Setting)> UnderPath(string path, (string Before, string After) name)
    {
        var (before, after) = ($"{Prefix}{path}.{name.Before}.", $".{name.After}");
        foreach (var key in _settings.Keys.Where(key => key.StartsWith(before, StringComparison.Ordinal)
            && key.EndsWith(after, StringComparison.Ordinal) && key.Length > before.Length + after.Length - 1).ToArray())
        {
            yield return (key[before.Length..^after.Length], Take(key)!);
        }
    }

    private string WhyUnused(string key)
    {
        if (!key.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return key.StartsWith(PreemptionPrefix, StringComparison.Ordinal) ? $"'{key}' has no meaning here" : $"'{key}' is not known";
        }

        var rest = key[Prefix.Length..];
        if (rest == QueueTree.RootPath || rest.StartsWith("root.", StringComparison.Ordinal))
        {
            var isOfKnown = _queues.Exists(queue => queue.Key != QueueTree.RootPath && rest.StartsWith(queue.Key
                + ".", StringComparison.Ordinal));
            return isOfKnown || rest.Count(c => c == '.') == 1 ? $"'{key}' is not known"
                : $"'{key}' is about a queue that no 'queues' lists";
        }

        return WithoutMeaning.Any(other => rest == other || (other.EndsWith('.') && rest.StartsWith(other, StringComparison.Ordinal)))
            ? $"'{key}' has no meaning here" : $"'{key}' is not known";
    }

    /// <summary>One property.</summary>
    internal sealed record Setting(string Text, int Line);
}
