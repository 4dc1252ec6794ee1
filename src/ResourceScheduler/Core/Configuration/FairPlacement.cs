using System.Xml.Linq;
using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler.Configuration;

/// <summary>The rules of a <c>queuePlacementPolicy</c>.</summary>
internal static class FairPlacement
{
    public static QueuePlacementRule Rule(XElement rule)
    {
        var line = XmlText.Line(rule);
        var creates = rule.Attribute("create")?.Value is not { } text || XmlText.Flag(text, line, "create");
        return (rule.Attribute("name")?.Value ?? "") switch
        {
            "specified" => new QueuePlacementRule(QueuePlacementKind.Specified) { Creates = creates },
            "user" => new QueuePlacementRule(QueuePlacementKind.User) { Creates = creates },
            "primaryGroup" => new QueuePlacementRule(QueuePlacementKind.PrimaryGroup) { Creates = creates },
            "secondaryGroupExistingQueue" => new QueuePlacementRule(QueuePlacementKind.SecondaryGroup) { Creates = creates },
            "nestedUserQueue" => new QueuePlacementRule(QueuePlacementKind.NestedUser)
            {
                Creates = creates,
                Nested = rule.Elements().FirstOrDefault() is { } nested ? Rule(nested)
                    : throw SchedulerException.Invalid($"Line {line}: the rule 'nestedUserQueue' has no rule inside."),
            },
            "default" => new QueuePlacementRule(QueuePlacementKind.Default)
            {
                Creates = creates,
                Queue = rule.Attribute("queue")?.Value is { Length: > 0 } queue ? queue : "root.default",
            },
            "reject" => new QueuePlacementRule(QueuePlacementKind.Reject),
            var other => throw SchedulerException.Invalid(
                $"Line {line}: the placement rule '{other}' is not known; known are specified, user, primaryGroup, secondaryGroupExistingQueue, nestedUserQueue, default and reject."),
        };
    }
}
