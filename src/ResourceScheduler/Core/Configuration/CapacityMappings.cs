using DataPlatform.ResourceScheduler.Queues;
using Setting = DataPlatform.ResourceScheduler.Configuration.CapacityConfiguration.Setting;

namespace DataPlatform.ResourceScheduler.Configuration;

/// <summary>The <c>queue-mappings</c> of <c>capacity-scheduler.xml</c>: <c>u:user:queue</c>, <c>g:group:queue</c>, and by application name
/// <c>name:queue</c>.</summary>
internal static class CapacityMappings
{
    public static IReadOnlyList<QueuePlacementRule> Read(Setting? mappings, Setting? byApplication)
    {
        var rules = new List<QueuePlacementRule>();
        foreach (var text in byApplication is null ? [] : YarnText.Names(byApplication.Text))
        {
            var parts = text.Split(':');
            if (parts.Length != 2)
            {
                throw XmlText.Wrong(text, byApplication!.Line, "an application mapping", "application:queue");
            }

            rules.Add(Mapping(parts[1]) with { ForApplication = parts[0] == "%application" ? null : parts[0] });
        }

        foreach (var text in mappings is null ? [] : YarnText.Names(mappings.Text))
        {
            var parts = text.Split(':', StringSplitOptions.TrimEntries);
            rules.Add(parts switch
            {
                ["u", var user, var queue] => Mapping(queue) with { ForUser = user },
                ["g", var group, var queue] => Mapping(queue) with { ForGroup = group },
                _ => throw XmlText.Wrong(text, mappings!.Line, "a queue mapping", "u:user:queue or g:group:queue"),
            });
        }

        // What no mapping is for goes where it says, else into the default queue.
        return rules.Count == 0 ? []
            : [.. rules, new QueuePlacementRule(QueuePlacementKind.Specified),
                new QueuePlacementRule(QueuePlacementKind.Default) { Creates = false }];
    }

    private static QueuePlacementRule Mapping(string queue) => new(QueuePlacementKind.Mapping) { Queue = queue };
}
