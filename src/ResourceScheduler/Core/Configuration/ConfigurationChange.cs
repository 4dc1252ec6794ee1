using System.Text.Json.Nodes;

namespace DataPlatform.ResourceScheduler.Configuration;

/// <summary>One difference between two queue trees.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Setting">The setting, named as in our JSON; <c>queue</c> where the whole queue came or went.</param>
/// <param name="Before">What it was; null for nothing.</param>
/// <param name="After">What it is to be; null for nothing.</param>
public sealed record ConfigurationChange(string Queue, string Setting, string? Before, string? After)
{
    /// <summary>What differs, by queue and setting.</summary>
    /// <param name="before">The tree in force.</param>
    /// <param name="after">The tree to come.</param>
    public static IReadOnlyList<ConfigurationChange> Between(QueueTree before, QueueTree after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        var changes = new List<ConfigurationChange>();
        foreach (var path in before.Queues.Concat(after.Queues).Select(queue => queue.Path).Distinct().Order(StringComparer.Ordinal))
        {
            var (old, young) = (before.Find(path), after.Find(path));
            if (old is null || young is null)
            {
                changes.Add(new ConfigurationChange(path, "queue", old is null ? null : "there", young is null ? null : "there"));
                continue;
            }

            changes.AddRange(Settings(path, old.Options, young.Options));
        }

        return [.. changes, .. Rules(before, after)];
    }

    private static IEnumerable<ConfigurationChange> Settings(string path, QueueOptions before, QueueOptions after)
    {
        foreach (var key in QueueKeys.All)
        {
            var (old, young) = (Text(key.Write(before)), Text(key.Write(after)));
            if (old != young)
            {
                yield return new ConfigurationChange(path, key.Name, old, young);
            }
        }
    }

    private static IEnumerable<ConfigurationChange> Rules(QueueTree before, QueueTree after)
    {
        var (old, young) = (RulesText(before), RulesText(after));
        if (old != young)
        {
            yield return new ConfigurationChange(QueueTree.RootPath, "placement", old, young);
        }
    }

    private static string RulesText(QueueTree tree)
        => new JsonArray([.. tree.Placement.Rules.Select(PlacementKeys.WriteRule)]).ToJsonString();

    private static string? Text(JsonNode? value) => value?.ToJsonString();
}
