using DataPlatform.ResourceScheduler.Preemption;

namespace DataPlatform.ResourceScheduler.Configuration;

/// <summary>What a configuration file says: queues, placement rules, preemption. Immutable.</summary>
/// <param name="Queues">The queue tree with its placement rules.</param>
/// <param name="Preemption">When and how work is stopped for others; null where the file does not say.</param>
public sealed record SchedulerConfiguration(QueueTree Queues, PreemptionOptions? Preemption = null)
{
    /// <summary>Keys that are not known, and known ones that have no meaning here; each with its line.</summary>
    public IReadOnlyList<ConfigurationNote> Notes { get; init; } = [];

    /// <summary>Reads a file by what it looks like: our own JSON, YARN's <c>capacity-scheduler.xml</c>, or the allocation file of YARN's
    /// Fair Scheduler.</summary>
    /// <param name="text">The file.</param>
    /// <exception cref="SchedulerException">Invalid: the text is of no known kind or malformed, or the queues contradict each other; names
    /// the line or the queue.</exception>
    public static SchedulerConfiguration Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var start = text.AsSpan().TrimStart('\uFEFF').TrimStart();
        if (start.IsEmpty)
        {
            throw SchedulerException.Invalid("The configuration is empty: give JSON, a capacity-scheduler.xml or a Fair Scheduler allocation file.");
        }

        if (start[0] == '{')
        {
            return JsonConfiguration.Read(text.TrimStart('\uFEFF'));
        }

        var root = XmlText.Parse(text.TrimStart('\uFEFF').TrimStart());
        return root.Name.LocalName switch
        {
            "configuration" => new CapacityConfiguration().Read(root),
            "allocations" => new FairConfiguration().Read(root),
            var other => throw SchedulerException.Invalid(
                $"Line {XmlText.Line(root)}: the document is a '{other}'; known are 'configuration' (capacity-scheduler.xml) and 'allocations' (Fair Scheduler)."),
        };
    }

    /// <summary>The JSON schema (draft 2020-12) of our own format.</summary>
    public static string JsonSchema() => JsonConfiguration.Schema();

    /// <summary>The configuration as our own JSON, version 1. Notes are not part of it.</summary>
    public string ToJson() => JsonConfiguration.Write(this);
}
